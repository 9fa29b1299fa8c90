import { setTimeout as delay } from 'node:timers/promises';
import { jest } from '@jest/globals';
import { waitFor } from '../tools/project/wait-for.mjs';
import { ask } from './support/answer.js';
import { type ActivityView, type CreatedWorkflow } from './support/flow-api.js';
import { FlowSystem } from './support/flow-system.js';
import { type EventAttributes } from './support/send.js';
import { runWorkflow, startWorkflow, taskOf } from './support/run-workflow.js';
import { TargetServer } from './support/target-server.js';

jest.setTimeout(300_000);

/** So that what a dead executor had is found soon. */
const SOON = { LEASE_MS: '1000', SWEEP_INTERVAL_MS: '200', NATS_ACK_WAIT_MS: '1000' };

const WITH_LOCK = {
  tasks: {
    lock: { 'acquire-lock': '$(params.key)' },
    work: { 'wait-for-event': 'done', needs: 'lock' },
    unlock: { 'release-lock': '$(params.key)', needs: 'work' },
    rest: { 'wait-for-event': 'rested', needs: 'unlock' },
  },
};

/** Works for as long as a call takes, and gives the lock back. */
function callingWithLock(url: string): object {
  return {
    lock: { 'acquire-lock': '$(params.key)' },
    work: { http: { method: 'POST', url }, needs: 'lock' },
    unlock: { 'release-lock': '$(params.key)', needs: 'work' },
  };
}

let target: TargetServer;
let system: FlowSystem;
let one: CreatedWorkflow;
let other: CreatedWorkflow;
let brief: CreatedWorkflow;

beforeAll(async () => {
  target = await TargetServer.start();
  system = await FlowSystem.start({ servers: 'shared', executors: 2, executorEnv: SOON });
  brief = await system.api.createWorkflow({ name: 'brief', tasks: callingWithLock(target.url) });
  one = await system.api.createWorkflow({ name: 'with-a-lock', ...WITH_LOCK });
  other = await system.api.createWorkflow({ name: 'with-the-same', ...WITH_LOCK });
});

afterAll(async () => {
  await system.stop();
  await target.stop();
});

function bringing(data: object): EventAttributes {
  return { data };
}

function untilWaiting(id: string, kind: string, task: string): Promise<ActivityView> {
  return waitFor(`${kind} of ${id}`, async () => {
    const activity = await system.api.activity(id);
    const waits = activity?.waitingFor ?? [];
    return waits.some((wait) => wait.kind === kind && 'task' in wait && wait.task === task)
      ? activity
      : undefined;
  });
}

async function tell(id: string, topic: string, { token }: CreatedWorkflow): Promise<void> {
  const answer = await ask(`${system.listenerUrl}/api/v2/callback?ref=${id}&topic=${topic}`, {
    method: 'POST',
    token,
  });
  expect(answer).toMatchObject({ status: 202 });
}

async function cancel(id: string): Promise<void> {
  const path = `/api/v2/activities/${id}/cancel`;
  await ask(`${system.executorUrl}${path}`, {
    method: 'POST',
    token: system.adminToken,
    body: { reason: 'enough' },
  });
  expect(await system.api.untilFinal(id)).toMatchObject({ status: 'cancelled' });
}

it('a lock is held by one run at a time, in the order of requests, also when executors die', async () => {
  const key = bringing({ key: 'of-all' });
  const first = await startWorkflow(system, one, key);
  await untilWaiting(first, 'event', 'work');
  const second = await startWorkflow(system, other, key);
  await untilWaiting(second, 'lock', 'lock');
  const third = await startWorkflow(system, one, key);
  await untilWaiting(third, 'lock', 'lock');
  const heldBy = { activityId: first, workflowId: one.id, task: 'lock' };
  expect(await system.api.activity(third)).toMatchObject({ waitingFor: [{ heldBy }] });
  for (const executor of system.executors) {
    await executor.kill();
    await executor.restart();
  }

  await tell(first, 'done', one);
  await untilWaiting(first, 'event', 'rest');
  await untilWaiting(second, 'event', 'work');
  await untilWaiting(third, 'lock', 'lock');

  // Freed by the end of the run, in whatever way.
  await cancel(second);
  await untilWaiting(third, 'event', 'work');
  await cancel(third);
  const last = await startWorkflow(system, other, key);
  await untilWaiting(last, 'event', 'work');
  await cancel(last);
  await tell(first, 'rested', one);
  const over = await system.api.untilFinal(first);
  expect(over).toMatchObject({ status: 'succeeded' });
  expect(taskOf(over, 'unlock')).toMatchObject({ status: 'succeeded' });
});

it('a run that is cancelled while it waits for a lock leaves the queue', async () => {
  const key = bringing({ key: 'left' });
  const holder = await startWorkflow(system, one, key);
  await untilWaiting(holder, 'event', 'work');
  const gone = await startWorkflow(system, one, key);
  await untilWaiting(gone, 'lock', 'lock');
  const next = await startWorkflow(system, one, key);
  await untilWaiting(next, 'lock', 'lock');

  await cancel(gone);
  await cancel(holder);

  await untilWaiting(next, 'event', 'work');
  await cancel(next);
});

it('a lock is held by one of many runs at a time, at two executors', async () => {
  const RUNS = 20;
  let working = 0;
  let most = 0;
  target.replyWith(async () => {
    working += 1;
    most = Math.max(most, working);
    await delay(100);
    working -= 1;
    return { status: 200 };
  });

  const key = bringing({ key: 'in-turn' });
  const ids = await Promise.all(
    Array.from({ length: RUNS }, () => startWorkflow(system, brief, key)),
  );
  const ends = await system.api.untilAllFinal(brief.id, ids);

  expect([...new Set(ends.values())]).toEqual(['succeeded']);
  expect(target.calls).toHaveLength(RUNS);
  expect(most).toBe(1);
});

it('a run whose lease is over gives nothing back of the run that has the lock now', async () => {
  const { lock, ...rest } = WITH_LOCK.tasks;
  const leased = await system.api.createWorkflow({
    name: 'leased',
    tasks: {
      ...rest,
      lock: { 'acquire-lock': { key: lock['acquire-lock'], lease: '500ms' } },
      rest: { 'acquire-lock': '$(params.key)', needs: 'unlock' },
    },
  });
  const key = bringing({ key: 'leased' });
  const first = await startWorkflow(system, leased, key);
  await untilWaiting(first, 'event', 'work');
  const second = await startWorkflow(system, other, key);
  await untilWaiting(second, 'event', 'work');

  // The request for the lock follows the release: the release of another's lock would grant it.
  await tell(first, 'done', leased);
  await untilWaiting(first, 'lock', 'rest');
  // A run of its own, with a lock of its own, takes longer than that request.
  expect(await runWorkflow(system, brief, bringing({ key: 'alone' }))).toMatchObject({
    status: 'succeeded',
  });
  await untilWaiting(first, 'lock', 'rest');

  await tell(second, 'done', other);
  expect(await system.api.untilFinal(first)).toMatchObject({ status: 'succeeded' });
  await tell(second, 'rested', other);
  expect(await system.api.untilFinal(second)).toMatchObject({ status: 'succeeded' });
});
