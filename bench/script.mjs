import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { ensureBuild } from '../tools/project/build.mjs';
import { percentilesOf } from './load/percentiles.mjs';
import { builtModule } from './system/built-module.mjs';

/*
 * Measures what a `script` of one line takes in the executor's handler, from its hand-out to its results. The scripts run
 * one after the other, each in a sandbox of its own. The next sandbox is created after an answer, while no script waits
 * for it. `--pause-ms 0` shows how long a script waits for a sandbox that is not ready.
 *
 *   node bench/script.mjs [--scripts 500] [--pause-ms 20]
 */

/** @typedef {typeof import('../apps/workflow-executor/src/tasks/script/script-task-handler.js')} Handlers */
/** @typedef {typeof import('../apps/workflow-executor/src/tasks/call-limiter.js')} Limiter */

const { values } = parseArgs({
  options: {
    scripts: { type: 'string', default: '500' },
    'pause-ms': { type: 'string', default: '20' },
  },
});
const pauseMs = Number(values['pause-ms']);
const WARM_UP = 50;

await ensureBuild();
const { ScriptTaskHandler } = /** @type {Handlers} */ (
  await builtModule('apps/workflow-executor/src/tasks/script/script-task-handler.js')
);
const { CallLimiter } = /** @type {Limiter} */ (
  await builtModule('apps/workflow-executor/src/tasks/call-limiter.js')
);
const limiter = new CallLimiter({
  callsMax: 1,
  perOriginMax: 1,
  perWorkflowMax: 1,
  waitingMax: 4,
  bytesPerOriginMax: Infinity,
});
const limits = { msMax: 1_000, memoryBytesMax: 64 * 1_048_576, resultBytesMax: 1_048_576 };
const json = { nestingMax: 64, membersMax: 10_000 };
const quiet = { ran: () => undefined, threadLost: () => undefined };
const handler = new ScriptTaskHandler(limiter, limits, json, quiet);

const took = [];
for (let n = 0; n < WARM_UP + Number(values.scripts); n += 1) {
  if (pauseMs > 0) await delay(pauseMs);
  const begunAt = performance.now();
  await runOne(n);
  if (n >= WARM_UP) took.push(performance.now() - begunAt);
}
await handler.close();
process.stdout.write(`${JSON.stringify({ ...values, ms: percentilesOf(took) })}\n`);

/** @param {number} n */
async function runOne(n) {
  const params = { source: 'return { sum: input.n + 1 }', input: { n } };
  const outcome = await handler.run({
    effect: { kind: 'call', type: 'script', params, task: 'script', attempt: 1, keyAttempt: 1 },
    workflowId: 'bench',
    scope: {},
    idempotencyKey: `${n}`,
    traceparent: '',
    abort: new AbortController().signal,
    bytes: 0,
    roomForAnswer: async () => undefined,
    report: () => undefined,
  });
  if (outcome.kind !== 'succeeded') throw new Error(JSON.stringify(outcome));
}
