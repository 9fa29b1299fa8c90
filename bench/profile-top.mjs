import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { readJson } from '../tools/project/read-json.mjs';
import { sourceOf } from './profile-sources.mjs';

/**
 * `node bench/profile-top.mjs <file> [<lines>]`: the functions of a CPU profile with the most time of their own, and the
 * packages, in percent of the time in which anything ran. The time of Node and of native code counts for the package that
 * called it.
 *
 * @typedef {import('./profile-sources.mjs').CallFrame} CallFrame
 * @typedef {{ id: number, callFrame: CallFrame, children?: number[] }} ProfileNode
 * @typedef {{ nodes: ProfileNode[], samples: number[], timeDeltas: number[] }} Profile
 */

const IDLE = new Set(['(idle)', '(program)', '(root)']);
const GARBAGE = '(garbage collector)';

const [, , file = '', lines = '25'] = process.argv;
const { nodes, samples, timeDeltas } = /** @type {Profile} */ (readJson(file));
const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
const callers = new Map(nodes.flatMap(({ id, children = [] }) => children.map((one) => [one, id])));
print('Functions', selfTimes(functionOf));
print('Packages', selfTimes(packageOf));

/**
 * @param {(frame: CallFrame, id: number) => string} nameOf
 * @returns {[name: string, share: number][]}
 */
function selfTimes(nameOf) {
  /** @type {Map<string, number>} */
  const times = new Map();
  let all = 0;
  for (const [at, id] of samples.entries()) {
    const frame = frames.get(id);
    if (!frame || IDLE.has(frame.functionName)) continue;
    const time = timeDeltas[at] ?? 0;
    const name = nameOf(frame, id);
    times.set(name, (times.get(name) ?? 0) + time);
    all += time;
  }
  return [...times].map(([name, time]) => [name, time / all]);
}

/** @param {CallFrame} frame */
function functionOf(frame) {
  const { functionName, lineNumber } = frame;
  return `${functionName || '(anonymous)'} ${path.basename(sourceOf(frame))}:${lineNumber + 1}`;
}

/**
 * @param {CallFrame} frame
 * @param {number} id
 */
function packageOf({ functionName }, id) {
  if (functionName === GARBAGE) return GARBAGE;
  for (let at = /** @type {number | undefined} */ (id); at !== undefined; at = callers.get(at)) {
    const frame = frames.get(at);
    const name = frame && packageIn(sourceOf(frame));
    if (name !== undefined) return name;
  }
  return 'node';
}

/** @param {string} source */
function packageIn(source) {
  if (source === '' || source.startsWith('node:')) return undefined;
  const file = source.startsWith('file:') ? fileURLToPath(source) : source;
  const [, installed] = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file) ?? [];
  if (installed !== undefined) return installed;
  const [, ours] = /((?:libs|apps)\/[^/]+)\/src/.exec(file) ?? [];
  return ours ?? path.basename(file);
}

/**
 * @param {string} title
 * @param {[name: string, share: number][]} shares
 */
function print(title, shares) {
  const top = shares.toSorted(([, a], [, b]) => b - a).slice(0, Number(lines));
  const rows = top.map(([name, share]) => `${(share * 100).toFixed(1).padStart(5)} %  ${name}`);
  process.stdout.write(`${title}\n${rows.join('\n')}\n\n`);
}
