import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { ServerFailedError } from './errors.mjs';
import { supervise, endSupervision } from './process-supervisor.mjs';

const LOG_LINES_SHOWN = 20;

/**
 * @typedef {object} Launch
 * @property {string} name for messages
 * @property {string} command
 * @property {readonly string[]} args
 * @property {string} logFile the process's output is appended to this file
 * @property {NodeJS.ProcessEnv} [env]
 */

/** A child process of this one. */
export class ServerProcess {
  #child;
  #logStart;

  /** @param {Launch} launch */
  constructor({ name, command, args, logFile, env }) {
    this.name = name;
    this.logFile = logFile;
    mkdirSync(path.dirname(logFile), { recursive: true });
    const log = openSync(logFile, 'a');
    this.#logStart = statSync(logFile).size;
    this.#child = spawn(command, args, {
      detached: true,
      stdio: ['ignore', log, log],
      ...(env && { env }),
    });
    closeSync(log);
    /**
     * Resolves when the process is gone; never rejects.
     *
     * @type {Promise<string>} completes the sentence "mongod …"
     */
    this.ended = new Promise((resolve) => {
      this.#child.once('error', (error) => {
        resolve(`could not be started: ${error.message}`);
      });
      this.#child.once('exit', (code, signal) => {
        resolve(`ended with ${code === null ? String(signal) : `exit code ${code}`}`);
      });
    });
    if (this.#child.pid !== undefined) supervise(this.#child.pid);
    this.#child.unref();
  }

  get pid() {
    return this.#child.pid ?? 0;
  }

  get isRunning() {
    const { pid, exitCode, signalCode } = this.#child;
    return pid !== undefined && exitCode === null && signalCode === null;
  }

  /**
   * Sends a signal, and kills the process if it has not ended after `graceMs`.
   *
   * @param {{ signal?: NodeJS.Signals, graceMs?: number }} [options]
   * @returns {Promise<{ killed: boolean }>} when it is gone
   */
  async stop({ signal = 'SIGTERM', graceMs = 30_000 } = {}) {
    let killed = false;
    const timer = setTimeout(() => {
      killed = this.isRunning;
      this.#signal('SIGKILL');
    }, graceMs);
    this.#signal(signal);
    this.#signal('SIGCONT');
    await this.#gone();
    clearTimeout(timer);
    return { killed };
  }

  /** Kills the process, as a crash does. */
  async kill() {
    this.#signal('SIGKILL');
    await this.#gone();
  }

  /** Pauses the process (SIGSTOP): its connections stay open, and it does not answer. */
  pause() {
    this.#signal('SIGSTOP');
  }

  resume() {
    this.#signal('SIGCONT');
  }

  /**
   * The output of this process, without that of earlier ones in the same file.
   *
   * @returns {string}
   */
  printed() {
    return readFileSync(this.logFile).subarray(this.#logStart).toString('utf8');
  }

  /**
   * @param {string} problem completes the sentence "mongod …"
   * @returns {ServerFailedError}
   */
  failure(problem) {
    const lastLines = this.printed().trimEnd().split('\n').slice(-LOG_LINES_SHOWN).join('\n');
    return new ServerFailedError(this.name, problem, { logFile: this.logFile, lastLines });
  }

  async #gone() {
    this.#child.ref();
    await this.ended;
    await endSupervision(this.pid);
  }

  /** @param {NodeJS.Signals} signal */
  #signal(signal) {
    if (this.isRunning) process.kill(this.pid, signal);
  }
}
