import { readFileSync } from 'node:fs';
import os from 'node:os';

/** Linux reports CPU time in hundredths of a second, on every architecture that Node runs on. */
const TICKS_PER_SECOND = 100;
const SAMPLE_MS = 500;
const MEBIBYTE = 1024 ** 2;

/**
 * @typedef {object} ProcessUsage
 * @property {number} cpuSeconds
 * @property {number[]} residentMiB twice a second
 *
 * @typedef {object} Usage
 * @property {Record<string, ProcessUsage>} processes
 * @property {number} othersCpu the CPUs that other processes of the machine used
 */

/**
 * Measures CPU time and memory of processes from outside. Linux only.
 *
 * @param {Readonly<Record<string, number>>} pids
 * @returns {(loadCpuSeconds: number) => Usage} ends the measurement; `othersCpu` is without the load generator
 */
export function watchUsage(pids) {
  const names = Object.keys(pids);
  const begin = performance.now();
  const busyBefore = busySeconds();
  const cpuBefore = names.map((name) => cpuSeconds(pids[name] ?? 0));
  /** @type {Record<string, number[]>} */
  const residentMiB = Object.fromEntries(names.map((name) => [name, []]));
  const sample = () => {
    for (const name of names) residentMiB[name]?.push(residentOf(pids[name] ?? 0));
  };
  sample();
  const timer = setInterval(sample, SAMPLE_MS);
  return (loadCpuSeconds) => {
    clearInterval(timer);
    sample();
    const used = names.map((name, at) => cpuSeconds(pids[name] ?? 0) - (cpuBefore[at] ?? 0));
    const ours = used.reduce((sum, seconds) => sum + seconds, loadCpuSeconds);
    const elapsed = (performance.now() - begin) / 1000;
    return {
      processes: Object.fromEntries(
        names.map((name, at) => [
          name,
          { cpuSeconds: used[at] ?? NaN, residentMiB: residentMiB[name] ?? [] },
        ]),
      ),
      othersCpu: Math.max(0, busySeconds() - busyBefore - ours) / elapsed,
    };
  };
}

/** @param {number} pid */
function cpuSeconds(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name, in parentheses, may hold anything: fields are counted from its end (state is the third).
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** @param {number} pid */
function residentOf(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return (Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024) / MEBIBYTE;
}

function busySeconds() {
  const milliseconds = os
    .cpus()
    .map(({ times }) => times.user + times.nice + times.sys + times.irq)
    .reduce((sum, busy) => sum + busy, 0);
  return milliseconds / 1000;
}
