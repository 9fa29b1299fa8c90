/** The thread in which scripts run, one after the other; see `ScriptThread` for the other side. */
import { parentPort, workerData } from 'node:worker_threads';
import { type ScriptRequest, type ScriptThreadData } from './script-answer.js';
import { compileEngine, ScriptSandbox } from './script-sandbox.js';

const { limits, stopped } = workerData as ScriptThreadData;
const stop = new Int32Array(stopped);
const engine = compileEngine();
/** The sandbox of the next script, which is created in advance while the thread is idle. */
let next = engine.then((module) => ScriptSandbox.create(module, limits));
next.catch(() => undefined);

parentPort?.on('message', ({ number, job }: ScriptRequest) => {
  void next.then((sandbox) => {
    parentPort?.postMessage({ kind: 'begun' });
    const answer = sandbox.answerTo(job, () => Atomics.load(stop, 0) === number);
    parentPort?.postMessage({ kind: 'answered', answer });
    next = engine.then((module) => ScriptSandbox.create(module, limits));
    next.catch(() => undefined);
  }, fail);
});

/** Ends the thread if it can't create a sandbox; another thread replaces it. */
function fail(error: unknown): never {
  throw error;
}
