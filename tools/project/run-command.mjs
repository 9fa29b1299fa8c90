import { spawn } from 'node:child_process';
import process from 'node:process';
import { projectRoot } from './project-root.mjs';

/**
 * Runs a program to its end. Its output goes to the standard error of this process, whose standard
 * output is for results.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, signal?: AbortSignal | undefined }} [options]
 * @returns {Promise<void>} rejects if it can't be started, fails or is aborted
 */
export function runCommand(command, args, { cwd = projectRoot, env, signal } = {}) {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const child = spawn(command, args, {
      cwd,
      stdio: ['ignore', 2, 2],
      ...(env && { env }),
      ...(signal && { signal }),
    });
    child.once('error', reject);
    child.once('exit', (code, killedBy) => {
      if (code === 0) resolve();
      else
        reject(
          new Error(
            `"${[command, ...args].join(' ')}" ended with ${String(code ?? killedBy)}; what it said is above`,
          ),
        );
    });
  });
}

/**
 * Runs a program to its end and returns what it printed on standard output.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @returns {Promise<string>} rejects if it can't be started, fails or takes over 30 seconds
 */
export async function readCommand(command, args) {
  const { code, killedBy, printed, complaint } = await commandAnswer(command, args, {
    timeoutMs: 30_000,
  });
  if (code === 0) return printed;
  throw new Error(complaint.trim() || `ended with ${String(code ?? killedBy)}`);
}

/**
 * @typedef {object} CommandAnswer
 * @property {number | null} code
 * @property {string | null} killedBy a signal
 * @property {string} printed on standard output
 * @property {string} complaint on standard error
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, input?: string, timeoutMs?: number }} [options]
 * @returns {Promise<CommandAnswer>} rejects only if it can't be started
 */
export function commandAnswer(command, args, options = {}) {
  const { cwd, env = process.env, input = '', timeoutMs } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, timeout: timeoutMs });
    let printed = '';
    let complaint = '';
    child.stdout.setEncoding('utf8').on('data', (/** @type {string} */ chunk) => {
      printed += chunk;
    });
    child.stderr.setEncoding('utf8').on('data', (/** @type {string} */ chunk) => {
      complaint += chunk;
    });
    child.once('error', reject);
    child.once('close', (code, killedBy) => {
      resolve({ code, killedBy, printed, complaint });
    });
    // A program may end without reading all of its input.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}
