import { jest } from '@jest/globals';
import { waitFor } from '../tools/project/wait-for.mjs';
import { activityIdIn, type Answer } from './support/answer.js';
import { Backup } from './support/backup.js';
import { callingWorkflow, keepingWorkflow } from './support/definitions.js';
import { type ActivityView, type CreatedWorkflow } from './support/flow-api.js';
import { FlowSystem } from './support/flow-system.js';
import { metricOf } from './support/metric.js';
import { newEvent } from './support/sample-event.js';
import { type EventAttributes, sendStructured } from './support/send.js';
import { TargetServer } from './support/target-server.js';

jest.setTimeout(300_000);

const EXECUTOR_ENV = { LEASE_MS: '1000', SWEEP_INTERVAL_MS: '200' };

/** Longer than a backup takes. */
const RETRY = { attemptsMax: 2, backoff: 'fixed', delayMs: 10_000, delayMsMax: 10_000 };

const QUEUED = 3;

/** One whose event can be sent again. */
interface Begun {
  readonly workflow: CreatedWorkflow;
  readonly event: EventAttributes;
  readonly answer: Answer;
  readonly id: string;
}

let target: TargetServer;
let system: FlowSystem;
let ended: Begun;
let endedView: ActivityView | undefined;
let running: Begun;
let retrying: Begun;
let queued: readonly Begun[];

/**
 * A backup of a system at work, in which an activity of each kind has not ended. Then all of it is gone,
 * MongoDB and NATS as well, and the backup is restored into new ones, as docs/operations.md says.
 */
beforeAll(async () => {
  target = await TargetServer.start();
  const lost = await FlowSystem.start({ executorEnv: EXECUTOR_ENV });
  let backup: Backup;
  try {
    await beginOneOfEachKind(lost);
    backup = await Backup.of(lost.mongodbUrl);
  } finally {
    await lost.stop();
  }
  target.replyWith(() => ({ status: 200, body: { ok: true } }));
  system = await FlowSystem.start({
    executorEnv: EXECUTOR_ENV,
    prepare: (mongodbUrl) => backup.restoreTo(mongodbUrl),
  });
});

afterAll(async () => {
  await system.stop();
  await target.stop();
});

describe('a system that is restored from a backup of MongoDB, with an empty NATS', () => {
  it('keeps ended activities unchanged', async () => {
    expect(endedView?.status).toBe('succeeded');
    expect(await system.api.activity(ended.id)).toEqual(endedView);
  });

  it('begins runs that had not begun', async () => {
    for (const { id } of queued) {
      expect(await system.api.untilFinal(id)).toMatchObject({ status: 'succeeded' });
      expect(target.timesByKey.get(`${id}:call:1`)).toBe(1);
    }
  });

  it('repeats calls that were under way, with the same idempotency keys', async () => {
    const activity = await system.api.untilFinal(running.id);

    expect(activity).toMatchObject({ status: 'succeeded' });
    expect(keysOf(running)).toEqual([`${running.id}:call:1`, `${running.id}:call:1`]);
  });

  it('makes retries when they are due', async () => {
    const activity = await system.api.untilFinal(retrying.id);

    expect(activity).toMatchObject({ status: 'succeeded' });
    expect(keysOf(retrying)).toEqual([`${retrying.id}:call:1`, `${retrying.id}:call:2`]);
  });

  it('answers a known event with the same receipt, and runs nothing', async () => {
    const all = [ended, running, retrying, ...queued];
    for (const { id } of all) await system.api.untilFinal(id);
    const callsBefore = target.calls.length;

    for (const { workflow, event, answer } of all) {
      const again = await sendStructured(system.listenerUrl, event, workflow);

      expect(again).toMatchObject({ status: 202, body: answer.body });
      expect(again.headers.get('idempotent-replayed')).toBe('true');
    }
    expect(target.calls).toHaveLength(callsBefore);
  });

  it('accepts new events with the old tokens, over NATS', async () => {
    const overNats = 'flow_dispatched_total{transport="nats"}';
    const before = await metricOf(system.listenerUrl, overNats);

    const { id } = await begun(system, ended.workflow);

    expect(await system.api.untilFinal(id)).toMatchObject({ status: 'succeeded' });
    await waitFor('the count', async () => {
      expect(await metricOf(system.listenerUrl, overNats)).toBe(before + 1);
      return true;
    });
  });
});

async function beginOneOfEachKind(from: FlowSystem): Promise<void> {
  const keeping = await from.api.createWorkflow(keepingWorkflow('keeping'));
  const calling = await from.api.createWorkflow(callingWorkflow(target.url));
  const patient = await from.api.createWorkflow(callingWorkflow(target.url, { retry: RETRY }));
  ended = await begun(from, keeping);
  endedView = await from.api.untilFinal(ended.id);

  target.replyWith(() => ({ status: 503 }));
  retrying = await begun(from, patient);
  await untilStatus(from, retrying, 'waiting');

  target.hold();
  running = await begun(from, calling);
  await waitFor('the call', () => (keysOf(running).length > 0 ? true : undefined));

  await from.executors[0].kill();
  queued = await Promise.all(Array.from({ length: QUEUED }, () => begun(from, calling)));
}

async function begun(on: FlowSystem, workflow: CreatedWorkflow): Promise<Begun> {
  const event = newEvent(workflow.id, { data: { n: 1 } });
  const answer = await sendStructured(on.listenerUrl, event, workflow);
  expect(answer.status).toBe(202);
  const id = activityIdIn(answer);
  return { workflow, event, answer, id };
}

async function untilStatus(on: FlowSystem, { id }: Begun, status: string): Promise<void> {
  await waitFor(`${id} to be ${status}`, async () =>
    (await on.api.activity(id))?.status === status ? true : undefined,
  );
}

/** Under which idempotency keys an activity called, in this order. */
function keysOf({ id }: Begun): readonly string[] {
  return target.calls.flatMap(({ idempotencyKey: key }) => (key?.startsWith(id) ? key : []));
}
