import { pathToFileURL } from 'node:url';
import path from 'node:path';
import { jest } from '@jest/globals';
import { CallLimiter } from '../src/tasks/call-limiter.js';
import { ScriptCheck } from '../src/tasks/script/script-check.js';
import { ScriptTaskHandler } from '../src/tasks/script/script-task-handler.js';
import { type TaskCall, type TaskOutcome } from '../src/tasks/task-handler.js';

jest.setTimeout(120_000);

const MEBIBYTE = 1_048_576;
const LIMITS = { msMax: 1_000, memoryBytesMax: 32 * MEBIBYTE, resultBytesMax: 65_536 };
const JSON_LIMITS = { nestingMax: 64, membersMax: 10_000 };
/** As it was built: a thread can't be begun with TypeScript. */
const ENTRY = pathToFileURL(
  path.resolve(import.meta.dirname, '../../../dist/bundles/workflow-executor/script-worker.js'),
);

let lost: number;
let ran: string[];
let handler: ScriptTaskHandler;

beforeEach(() => {
  lost = 0;
  ran = [];
  const bytesPerOriginMax = 1_000_000;
  const two = { callsMax: 2, perOriginMax: 2, perWorkflowMax: 2, waitingMax: 8, bytesPerOriginMax };
  const observer = {
    ran: (outcome: string) => void ran.push(outcome),
    threadLost: () => void (lost += 1),
  };
  handler = new ScriptTaskHandler(new CallLimiter(two), LIMITS, JSON_LIMITS, observer, ENTRY);
});

afterEach(() => handler.close());

function run(
  source: string,
  { abort = new AbortController().signal, report = (): void => undefined }: Partial<TaskCall> = {},
): Promise<TaskOutcome> {
  return handler.run({
    effect: {
      kind: 'call',
      task: 'compute',
      type: 'script',
      attempt: 1,
      keyAttempt: 1,
      params: { source, input: { a: 1 } },
    },
    scope: {},
    workflowId: 'one',
    idempotencyKey: 'key',
    traceparent: '',
    bytes: 1,
    roomForAnswer: () => Promise.resolve(),
    abort,
    report,
  });
}

const OK = { kind: 'succeeded', results: { a: 2 } };
const FINE = 'return { a: input.a + 1 }';

it('runs as many scripts at a time as there are threads, and queues the others', async () => {
  const told: string[] = [];
  const report = (progress: string): void => void told.push(progress);
  const all = await Promise.all(Array.from({ length: 4 }, () => run(FINE, { report })));

  expect(all).toEqual([OK, OK, OK, OK]);
  expect(told).toEqual(['queued', 'queued', 'begun', 'begun']);
  const busy = Array.from({ length: 6 }, () => run('for (;;);'));
  expect(await Promise.race(busy)).toMatchObject({ kind: 'postponed' });
  await Promise.all(busy);
});

it('replaces the thread of a script that cannot be interrupted', async () => {
  const hanging = await run('return [new Array(300_000_000) + ""].length');

  expect(hanging).toMatchObject({
    kind: 'failed',
    code: 'SCRIPT_TIMEOUT',
    retryable: true,
    outcomeKnown: true,
  });
  expect(lost).toBe(1);
  expect(await run(FINE)).toEqual(OK);
});

it('fails the script of a thread that died, and continues', async () => {
  const dying = run('for (;;);');
  await handler.close();

  expect(await dying).toMatchObject({ kind: 'failed', code: 'SCRIPT_THREAD_LOST' });
  expect(await run(FINE)).toEqual(OK);
});

it('ends an aborted script, in its loop or in an instruction', async () => {
  for (const source of ['for (;;);', 'return new Array(300_000_000) + ""']) {
    const aborting = new AbortController();
    await run(FINE);
    const aborted = run(source, { abort: aborting.signal });
    aborting.abort();
    expect(await aborted).toMatchObject({
      code: 'SCRIPT_TIMEOUT',
      message: 'The script was stopped',
    });
  }
  expect(await run(FINE)).toEqual(OK);
});

it('keeps no memory of earlier scripts', async () => {
  await run(FINE);
  const before = process.memoryUsage().rss;
  for (let times = 0; times < 200; times += 1) {
    await run('return { a: new Uint8Array(8_000_000).fill(1).length }');
  }

  expect(process.memoryUsage().rss - before).toBeLessThan(400 * MEBIBYTE);
  expect(new Set(ran)).toEqual(new Set(['returned']));
});

describe('the check of scripts', () => {
  const check = new ScriptCheck(LIMITS, ENTRY);

  it('finds the first mistake of each script, with its place in the script', async () => {
    const sources = [
      FINE,
      'const a = 1;\n  let let = 5',
      'return await input',
      'a b',
      'return {',
      '}',
    ];

    const mistakes = await check.mistakesIn(sources);

    expect(mistakes).toMatchObject([
      { index: 1, line: 2, column: 7, message: expect.stringContaining('let') as string },
      { index: 3, line: 1, column: 3, message: "expecting ';'" },
      { index: 4, message: expect.any(String) as string },
      { index: 5, message: expect.any(String) as string },
    ]);
    for (const { index } of mistakes) {
      expect(await run(sources[index] ?? '')).toMatchObject({ code: 'SCRIPT_INVALID' });
    }
  });

  it('runs nothing, is as bounded as a script, and lets through what it could not check', async () => {
    const loops = '}, (() => { for (;;); })(), async function () {';
    const lies =
      '}, input.length = 0, mistakes.push({ index: 0, message: 7 }), async function () {';

    expect(await check.mistakesIn(['for (;;);', 'throw 1', '/(a+)+$/.test(input)'])).toEqual([]);
    expect(await check.mistakesIn([loops])).toEqual([]);
    expect(await check.mistakesIn([lies])).toMatchObject([{ index: 0 }]);
    const many = Array.from({ length: 300 }, () => '(');
    const [all, none] = await Promise.all([check.mistakesIn(many), check.mistakesIn([])]);
    expect([all.length, none]).toEqual([100, []]);
  });
});
