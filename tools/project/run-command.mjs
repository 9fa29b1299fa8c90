import { spawn } from 'node:child_process';
import { projectRoot } from './project-root.mjs';

/**
 * Runs a program to its end. What it prints goes to our standard error, so that standard output
 * stays free for results.
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
export function readCommand(command, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: 30_000 });
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
      if (code === 0) resolve(printed);
      else reject(new Error(complaint.trim() || `ended with ${String(code ?? killedBy)}`));
    });
  });
}
