import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { readJson } from '../tools/project/read-json.mjs';

/**
 * `node bench/profile-top.mjs <file> [<lines>]`: the functions of a CPU profile that took most time
 * themselves, and the files and packages they are in, in percent of the time that anything ran.
 *
 * @typedef {{ functionName: string, url: string, lineNumber: number }} CallFrame
 * @typedef {{ nodes: { id: number, callFrame: CallFrame }[], samples: number[],
 *   timeDeltas: number[] }} Profile
 */

const IDLE = new Set(['(idle)', '(program)', '(root)']);

const [, , file = '', lines = '25'] = process.argv;
const { nodes, samples, timeDeltas } = /** @type {Profile} */ (readJson(file));
const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
print(
  'Functions',
  selfTimes(({ functionName, url, lineNumber }) => {
    return `${functionName || '(anonymous)'} ${path.basename(url)}:${lineNumber + 1}`;
  }),
);
print('Packages', selfTimes(packageOf));

/**
 * @param {(frame: CallFrame) => string} nameOf
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
    const name = nameOf(frame);
    times.set(name, (times.get(name) ?? 0) + time);
    all += time;
  }
  return [...times].map(([name, time]) => [name, time / all]);
}

/** @param {CallFrame} frame */
function packageOf({ functionName, url }) {
  if (url === '') return functionName.startsWith('(') ? functionName : '(native)';
  if (url.startsWith('node:')) return 'node';
  const file = url.startsWith('file:') ? fileURLToPath(url) : url;
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
