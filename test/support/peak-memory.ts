import { readFileSync, writeFileSync } from 'node:fs';

const PEAK = /^VmHWM:\s+(\d+) kB$/m;

/** The most memory that a process has had resident since `forgetPeak`, in bytes; Linux knows it. */
export function peakMemoryBytes(pid: number): number {
  const kibibytes = PEAK.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  if (kibibytes === undefined) throw new Error(`/proc/${pid}/status does not tell a peak`);
  return Number(kibibytes) * 1024;
}

export function forgetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
}
