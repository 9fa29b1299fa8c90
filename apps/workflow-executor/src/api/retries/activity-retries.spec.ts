import { type FlowError } from '@app/errors';
import { retryActivityIdOf } from '@app/events';
import { type Activity, type NewActivity, type Workflow } from '@app/persistence';
import {
  aNewActivity,
  anEvent,
  aRevision,
  aState,
  aWorkflow,
  jsonData,
  MemoryActivityStore,
  MemoryWorkflowStore,
  NOW,
} from '@app/persistence/testing';
import { ActivityRetries } from './activity-retries.js';
import { readRetryWish } from './read-retry-wish.js';

const FAILURE = { level: 'task', code: 'HTTP_STATUS', message: 'it failed', task: 'call' } as const;

/** Of stores in memory, with one activity that has failed. */
async function fixture(
  workflow: Partial<Workflow> = {},
  ended: Partial<Activity & NewActivity> = {},
) {
  const activities = new MemoryActivityStore();
  const workflows = new MemoryWorkflowStore();
  await workflows.create(aWorkflow(workflow), aRevision());
  const state = aState({ status: 'failed', endedAt: NOW, failure: FAILURE });
  const origin = { ...aNewActivity({ id: 'first', event: anEvent({ data: jsonData({ n: 1 }) }) }) };
  const rest = { status: 'failed', lockVersion: 2, inbox: [], state } as const;
  activities.put({ ...origin, ...rest, ...ended });
  const retries = new ActivityRetries(activities, workflows, () => NOW + 5, 2);
  const retry = (id: string, body?: object, by = 'ada') =>
    retries.retry(id, readRetryWish(body), by);
  return { activities, workflows, retry };
}

const TOO_LARGE = aState({
  status: 'failed',
  endedAt: NOW,
  failure: { level: 'workflow', code: 'ACTIVITY_TOO_LARGE', message: 'too large' },
});
/** As a task finds that there is no run. */
const REFUSED = {
  trigger: 'task',
  workflowRevision: 0,
  state: undefined as never,
  parent: { activity: 'p', task: 't', attempt: 1, generation: 1, waits: true },
} as const;

const SECOND = retryActivityIdOf('first', 2);

describe('a retry', () => {
  it('is a new activity that names the first one, which does not change', async () => {
    const { activities, retry } = await fixture();
    const before = activities.peek('first');

    const { id, isReplayed } = await retry('first', { reason: 'the bank is back' });

    expect([id, isReplayed]).toEqual([SECOND, false]);
    expect(activities.peek(id)).toMatchObject({
      status: 'queued',
      workflowRevision: 1,
      requires: ['state:4'],
      createdAt: NOW + 5,
      wakeAt: NOW + 5,
      retryOf: {
        activity: 'first',
        first: 'first',
        attempt: 2,
        from: 'failed',
        revision: 'pinned',
        keysOf: 'first',
        by: 'ada',
        reason: 'the bank is back',
      },
    });
    expect(activities.peek('first')).toEqual(before);
  });

  it('is made once, however often it is requested and by whom', async () => {
    const { activities, retry } = await fixture();

    const all = await Promise.all([retry('first'), retry('first', {}, 'bob'), retry('first')]);

    expect(all.map(({ id }) => id)).toEqual([SECOND, SECOND, SECOND]);
    expect(all.filter(({ isReplayed }) => !isReplayed)).toHaveLength(1);
    const by = activities.peek(SECOND)?.retryOf?.by;
    expect(all.map(({ retryOf }) => retryOf.by)).toEqual([by, by, by]);
  });

  it.each([
    ['from another place', { from: 'start' }],
    ['on another revision', { revision: 'latest' }],
    ['with other data', { from: 'start', data: { n: 2 } }],
  ])('is refused once there is one, if it is requested %s', async (_, body) => {
    const { retry } = await fixture();
    await retry('first');

    await expect(retry('first', body)).rejects.toMatchObject({ code: 'ACTIVITY_RETRIED' });
  });

  it('from the start needs no newer build, has its own keys, and may have other data', async () => {
    const { activities, retry } = await fixture();

    const { id } = await retry('first', { from: 'start', data: { n: 2 } });

    expect(activities.peek(id)).toMatchObject({ requires: [] });
    expect(activities.peek(id)?.retryOf).not.toHaveProperty('keysOf');
    expect(activities.peek(id)?.event?.data).toMatchObject({ value: { n: 2 } });
  });

  it('of a retry increases the count, up to ACTIVITY_RETRIES_MAX', async () => {
    const { activities, retry } = await fixture();
    const failed = (id: string) => {
      const found = activities.peek(id);
      if (found) activities.put({ ...found, status: 'failed' });
    };

    const second = await retry('first');
    failed(second.id);
    const third = await retry(second.id);
    failed(third.id);

    expect(third.retryOf).toMatchObject({
      activity: SECOND,
      first: 'first',
      attempt: 3,
      keysOf: 'first',
    });
    await expect(retry(third.id)).rejects.toMatchObject({ code: 'ACTIVITY_NOT_RETRIABLE' });
  });

  it('from what failed in a retry of the start has the keys of that retry', async () => {
    const { activities, retry } = await fixture();
    const { id } = await retry('first', { from: 'start' });
    const found = activities.peek(id);
    if (found) activities.put({ ...found, status: 'failed' });

    const { retryOf } = await retry(id);

    expect(retryOf).toMatchObject({ activity: SECOND, first: 'first', keysOf: SECOND });
  });

  it('uses the newest revision if requested', async () => {
    const { activities, workflows, retry } = await fixture();
    const { name, triggers, labels } = aWorkflow();
    const { definition } = aRevision();
    const content = { contentHash: '2'.repeat(64), requires: ['task:map'], definition };
    await workflows.replace('workflow-1', { name, triggers, labels, ...content }, NOW, undefined);

    const { id } = await retry('first', { revision: 'latest' });

    expect(activities.peek(id)).toMatchObject({
      workflowRevision: 2,
      requires: ['state:4', 'task:map'],
    });
  });

  it('does not notify the task that began the first run, which knows its end', async () => {
    const parent = { activity: 'p', task: 't', attempt: 1, generation: 1, waits: true } as const;
    const { activities, retry } = await fixture({}, { parent, trigger: 'task' });

    const { id } = await retry('first');

    expect(activities.peek(id)).toMatchObject({
      trigger: 'task',
      parent: { ...parent, waits: false },
    });
  });

  const release = { id: '1', kind: 'lock-release', key: 'k', payload: null, createdAt: NOW };
  const schedule = { ...release, kind: 'child-schedule' };
  it.each<[string, string, Partial<Workflow>, Partial<Activity>]>([
    ['has not ended', 'ACTIVITY_NOT_ENDED', {}, { status: 'waiting' }],
    ['was rejected', 'ACTIVITY_NOT_RETRIABLE', {}, { event: undefined as never }],
    ['succeeded', 'ACTIVITY_NOT_RETRIABLE', {}, { status: 'succeeded' }],
    ['was refused to the task that asked for it', 'ACTIVITY_NOT_RETRIABLE', {}, REFUSED],
    ['had results that were dropped', 'ACTIVITY_NOT_RETRIABLE', {}, { state: TOO_LARGE }],
    ['has still a run to ask for', 'ACTIVITY_SETTLING', {}, { outbox: [schedule] }],
    ['has still a lock', 'ACTIVITY_SETTLING', {}, { outbox: [release] }],
    ['is of a workflow that is off', 'WORKFLOW_INACTIVE', { status: 'inactive' }, {}],
    ['is of a workflow that is retired', 'WORKFLOW_RETIRED', { status: 'retired' }, {}],
    ['is of no workflow any more', 'WORKFLOW_NOT_FOUND', {}, { workflowId: 'another' }],
  ])('is refused for a run that %s', async (_, code, workflow, ended) => {
    const { activities, retry } = await fixture(workflow, ended);

    await expect(retry('first')).rejects.toMatchObject({ code });
    expect(activities.peek(SECOND)).toBeUndefined();
  });

  it('is refused for a child that was refused, so no run of its workflow begins', async () => {
    const { retry } = await fixture({}, REFUSED);

    for (const from of ['failed', 'start']) {
      const body = { from, revision: 'latest' };
      await expect(retry('first', body)).rejects.toMatchObject({ code: 'ACTIVITY_NOT_RETRIABLE' });
    }
  });

  it('does not wait for deliveries that only notify others', async () => {
    const { retry } = await fixture({}, { outbox: [{ ...release, kind: 'status' }] });

    expect(await retry('first')).toMatchObject({ id: SECOND });
  });
});

describe('readRetryWish', () => {
  it('is from what failed, on the same revision, by default', () => {
    const nothing = { from: 'failed', revision: 'pinned', reason: 'no reason was given' };

    expect([readRetryWish(undefined), readRetryWish({})]).toEqual([nothing, nothing]);
  });

  it('has all problems', () => {
    const body = { from: 'end', revision: 3, reason: 'x'.repeat(1_001), data: 1, other: 1 };

    const paths = (): readonly unknown[] => {
      try {
        return [readRetryWish(body)];
      } catch (error) {
        return (error as FlowError).problems.map(({ path }) => path);
      }
    };

    expect(paths()).toEqual(['from', 'revision', 'reason', 'data', 'other']);
  });
});
