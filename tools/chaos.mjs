import process from 'node:process';
import { parseArgs } from 'node:util';
import { runCommand } from './project/run-command.mjs';
import { stopOnSignals } from './project/process-life.mjs';
import { messageOf, say } from './project/say.mjs';

const USAGE = `Usage: npm run chaos -- [options]

Sends events to the whole system for some minutes while its processes are killed and paused and what
NATS has on disk is deleted, then counts: every accepted event has ended, once.

  --minutes <number>   how long (default: 10)
  --seed <number>      the faults of an earlier run, which printed it (default: another)
  --lane <name>        dispatches, events or signals: only that stream of JetStream is deleted
  --tasks              runs of tasks of all types instead, while executors and workers are killed (default: 3 minutes)
  --activities <n>     with --tasks: how many (default: 500)
  --record             with --tasks: keeps what the engine decided as histories, in test/fixtures/histories
  --cluster            three mongods and three nats-servers, and faults are injected into their leaders
`;

const JEST_ARGS = ['--selectProjects', 'e2e', '--testPathPatterns'];

const stop = stopOnSignals();

/** `npm run chaos`: runs the chaos test for longer. */
try {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string' },
      seed: { type: 'string' },
      lane: { type: 'string' },
      tasks: { type: 'boolean', default: false },
      record: { type: 'boolean', default: false },
      activities: { type: 'string', default: '500' },
      cluster: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const env = {
    ...process.env,
    CHAOS_MINUTES: numberOf('--minutes', values.minutes ?? (values.tasks ? '3' : '10')),
    CHAOS_ACTIVITIES: numberOf('--activities', values.activities),
    ...(values.seed !== undefined && { CHAOS_SEED: numberOf('--seed', values.seed) }),
    ...(values.lane !== undefined && { CHAOS_LANE: laneOf(values.lane) }),
    CHAOS_RECORD: String(values.record),
    CHAOS_CLUSTER: String(values.cluster),
  };
  const spec = `test/chaos/${values.tasks ? 'tasks/tasks-chaos' : 'chaos'}.e2e-spec`;
  if (values.help) process.stdout.write(USAGE);
  else
    await runCommand(process.execPath, ['tools/test.mjs', ...JEST_ARGS, spec], {
      env,
      signal: stop.signal,
    });
} catch (error) {
  say(messageOf(error));
  process.exitCode = 1;
}

/**
 * @param {string} option
 * @param {string} text
 */
function numberOf(option, text) {
  if (/^\d+(\.\d+)?$/.test(text)) return text;
  throw new Error(`${option} is a number, not "${text}"\n\n${USAGE}`);
}

/** @param {string} text */
function laneOf(text) {
  if (['dispatches', 'events', 'signals'].includes(text)) return text;
  throw new Error(`--lane is dispatches, events or signals, not "${text}"\n\n${USAGE}`);
}
