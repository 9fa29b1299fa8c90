import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { eventMaker } from './event.mjs';

const TICKS_PER_SECOND = 100;
const SAMPLE_MS = 100;

/** @returns {boolean} whether wrk, the load generator with the least CPU time, is on the PATH */
export function hasWrk() {
  return spawnSync('wrk', ['--version']).error === undefined;
}

/**
 * As `runLoad` in a closed loop, with wrk: one thread, a twentieth of a core instead of half of one.
 *
 * @param {import('../system/target.mjs').Target} target
 * @param {{ connections: number, seconds: number, eventsPerRequest?: number }} load
 * @param {string} batch what the ids of its events begin with
 * @returns {Promise<import('./load-generator.mjs').LoadResult>}
 */
export async function runWrk(target, { connections, seconds, eventsPerRequest = 1 }, batch) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'flow-eventing-wrk-'));
  try {
    const script = path.join(folder, 'load.lua');
    writeFileSync(script, scriptOf(target, eventsPerRequest, batch));
    const startedAt = performance.timeOrigin + performance.now();
    const args = ['-t1', `-c${connections}`, `-d${Math.round(seconds)}s`, '-s', script, target.url];
    const child = spawn('wrk', args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const cpuSeconds = watchCpu(child.pid ?? 0);
    /** @type {Promise<number | null>} */
    const exit = new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', resolve);
    });
    const [printed, code] = await Promise.all([text(child.stdout), exit]);
    if (code !== 0) throw new Error(`wrk ended with ${String(code)}`);
    return resultOf(printed, { startedAt, cpuSeconds: cpuSeconds(), eventsPerRequest });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * @param {import('../system/target.mjs').Target} target
 * @param {number} eventsPerRequest
 * @param {string} batch
 */
function scriptOf({ headers, workflowId }, eventsPerRequest, batch) {
  const { id, body } = eventMaker(workflowId, batch)();
  const [head = '', tail = ''] = body.split(id);
  const lines = Object.entries(headers).map(([name, value]) => `wrk.headers["${name}"]="${value}"`);
  return `
wrk.method = "POST"
${lines.join('\n')}
local head, tail, made, many = [==[${head}${batch}]==], [==[${tail}]==], 0, ${eventsPerRequest}
local function event()
  made = made + 1
  return head .. string.format("%0${id.length - batch.length}d", made) .. tail
end
function request()
  if many == 1 then return wrk.format(nil, nil, nil, event()) end
  local events = {}
  for at = 1, many do events[at] = event() end
  return wrk.format(nil, nil, nil, "[" .. table.concat(events, ",") .. "]")
end
function done(summary, latency)
  local bad = summary.errors
  io.write(string.format("\\nFIGURES %d %d %d %d %d %d %d\\n", summary.requests, bad.status,
    bad.connect + bad.read + bad.write + bad.timeout, summary.duration,
    latency:percentile(50), latency:percentile(99), latency.max))
end
`;
}

/**
 * @param {string} printed
 * @param {{ startedAt: number, cpuSeconds: number, eventsPerRequest: number }} of
 * @returns {import('./load-generator.mjs').LoadResult}
 */
function resultOf(printed, { startedAt, cpuSeconds, eventsPerRequest }) {
  const figures = /FIGURES (.+)/.exec(printed)?.[1]?.split(' ').map(Number);
  if (!figures) throw new Error(`wrk printed no figures: ${printed}`);
  const [requests = 0, refused = 0, broken = 0, microseconds = 0, p50 = 0, p99 = 0, max = 0] =
    figures;
  const good = requests - refused;
  return {
    accepted: good * eventsPerRequest,
    answers: {
      202: good,
      ...(refused > 0 && { 'other statuses': refused }),
      ...(broken > 0 && { broken }),
    },
    startedAt,
    seconds: microseconds / 1e6,
    latencyMs: { p50: p50 / 1000, p99: p99 / 1000, max: max / 1000 },
    cpuSeconds,
    sent: [],
  };
}

/**
 * @param {number} pid
 * @returns {() => number} ends it: what it used until shortly before its end, in CPU seconds
 */
function watchCpu(pid) {
  let seconds = 0;
  const timer = setInterval(() => {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      seconds = (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
    } catch {
      // The process has ended: the last reading counts.
    }
  }, SAMPLE_MS);
  return () => {
    clearInterval(timer);
    return seconds;
  };
}
