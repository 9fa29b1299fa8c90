import { childActivityIdOf, retryActivityIdOf } from '@app/events';
import { type ActivityRetryOf, CursorInvalidError } from '@app/persistence';
import {
  aCommit,
  aNewActivity,
  anEvent,
  aRevision,
  aState,
  aWorkflow,
  MemoryActivityStore,
  MemoryWorkflowStore,
  NOW,
} from '@app/persistence/testing';
import { type ActivityState } from '@app/workflow-engine';
import { TaskNotAMapError, TaskNotFoundError } from '../tasks/errors.js';
import { ITEMS_PAGE_BYTES_MAX, mapItems, type MapItemsPage } from './map-items.js';

type TaskState = ActivityState['tasks'][string];

let activities: MemoryActivityStore;
let workflows: MemoryWorkflowStore;

beforeEach(async () => {
  activities = new MemoryActivityStore();
  workflows = new MemoryWorkflowStore();
  const tasks = [
    { name: 'start', type: 'start' },
    { name: 'each', type: 'map' },
  ] as const;
  await workflows.create(aWorkflow(), aRevision({ definition: { tasks } }));
});

async function begin(id: string, task: TaskState, retryOf?: ActivityRetryOf): Promise<void> {
  await activities.record(aNewActivity({ id, event: anEvent({ id }), retryOf }));
  const tasks = { start: { status: 'pending' } as const, each: task };
  await activities.commit(aCommit({ id, state: aState({ tasks }) }));
}

/** The run for an item. */
async function made(
  index: number,
  state: Partial<ActivityState>,
  { parent = 'parent', attempt = 1 } = {},
): Promise<void> {
  const id = childActivityIdOf(parent, 'each', attempt, index);
  await activities.record(aNewActivity({ id, event: anEvent({ id }) }));
  await activities.commit(aCommit({ id, state: aState({ endedAt: NOW, ...state }) }));
}

function succeeded(count: number, attempt = 1): TaskState {
  const results = { count, succeeded: count, failed: 0 };
  return { status: 'succeeded', attempt, startedAt: NOW, endedAt: NOW, results };
}

function waiting(next: number, attempt = 1): TaskState {
  const on = { kind: 'children', open: 1, workflow: 'called', since: NOW } as const;
  const memory = { total: 100_000, next };
  return { status: 'waiting', on, memory, attempt, keyAttempt: attempt, startedAt: NOW };
}

const page = (limit = 100, cursor?: string, id = 'parent'): Promise<MapItemsPage> =>
  mapItems({ activities, workflows }, id, 'each', {
    limit,
    ...(cursor !== undefined && { cursor }),
  });

/** All pages, each as the indexes in it. */
async function pages(limit: number): Promise<readonly (readonly number[])[]> {
  const all: (readonly number[])[] = [];
  let cursor: string | undefined;
  do {
    const { items, nextCursor } = await page(limit, cursor);
    all.push(items.map(({ index }) => index));
    cursor = nextCursor;
  } while (cursor !== undefined);
  return all;
}

describe(mapItems, () => {
  it('has the results of all runs in the order of the list, whatever the order of their ends', async () => {
    await begin('parent', succeeded(5));
    for (const index of [3, 1, 4, 0, 2])
      await made(index, { status: 'succeeded', results: { got: index } });

    expect(await pages(2)).toEqual([[0, 1], [2, 3], [4]]);
    expect((await page()).items).toEqual(
      [0, 1, 2, 3, 4].map((index) => ({
        ...{ index, activityId: childActivityIdOf('parent', 'each', 1, index) },
        ...{ status: 'succeeded', results: { got: index } },
      })),
    );
  });

  it('says which runs failed and why, and which have not ended', async () => {
    const failure = { level: 'workflow', code: 'END_NOT_REACHED', message: 'no path' } as const;
    await begin('parent', waiting(3));
    await made(0, { status: 'failed', failure, results: { half: 1 } });
    await made(1, { status: 'running', results: { half: 1 } });
    // The run for the item 2 was requested and is not on record yet.

    expect(await page()).toMatchObject({
      items: [
        { index: 0, status: 'failed', results: null, failure },
        { index: 1, status: 'running', results: null },
      ],
    });
    expect(await pages(1)).toEqual([[0], [1], []]);
  });

  it('ends a page before its results are too large, and has each of them', async () => {
    await begin('parent', succeeded(4));
    const text = (share: number): string => 'x'.repeat(ITEMS_PAGE_BYTES_MAX * share);
    for (const [index, share] of [0.4, 0.4, 0.4, 1.1].entries())
      await made(index, { status: 'succeeded', results: { text: text(share) } });

    expect(await pages(100)).toEqual([[0, 1], [2], [3]]);
    const { nextCursor } = await page(3);
    expect((await page(100, nextCursor)).items).toMatchObject([{ results: { text: text(0.4) } }]);
  });

  it('leaves out runs that retention has removed, and goes on behind them', async () => {
    await begin('parent', succeeded(4));
    await made(3, { status: 'succeeded' });

    expect(await pages(2)).toEqual([[], [3]]);
  });

  it('ends where no run was begun, of a task that was cancelled or failed early', async () => {
    const results = { count: 100_000, succeeded: 1, failed: 1 };
    const failure = { level: 'task', code: 'MAP_FAILED', message: 'one failed' } as const;
    const ended = { attempt: 1, startedAt: NOW, endedAt: NOW } as const;
    await begin('parent', { status: 'failed', ...ended, failure, results });
    await made(0, { status: 'succeeded' });
    await made(1, { status: 'failed' });

    expect(await pages(2)).toEqual([[0, 1], []]);
  });

  it('has the runs of the last attempt', async () => {
    await begin('parent', succeeded(1, 2));
    await made(0, { status: 'failed' });
    await made(0, { status: 'succeeded', results: { got: 2 } }, { attempt: 2 });

    expect((await page()).items).toMatchObject([{ index: 0, results: { got: 2 } }]);
  });

  it('finds the runs of a task that a retry took over, and of one that it ran again', async () => {
    const [second, third] = [2, 3].map((attempt) => retryActivityIdOf('parent', attempt));
    const of = (activity: string, attempt: number): ActivityRetryOf => {
      const options = { from: 'failed', revision: 'pinned', by: 'ada', reason: 'again' } as const;
      return { activity, first: 'parent', attempt, ...options };
    };
    await begin('parent', succeeded(1));
    await made(0, { status: 'succeeded', results: { got: 'first' } });
    await begin(second ?? '', succeeded(1), of('parent', 2));
    await begin(third ?? '', succeeded(1, 2), of(second ?? '', 3));
    await made(
      0,
      { status: 'succeeded', results: { got: 3 } },
      { parent: third ?? '', attempt: 2 },
    );

    expect((await page(9, undefined, second)).items).toMatchObject([{ results: { got: 'first' } }]);
    expect((await page(9, undefined, third)).items).toMatchObject([{ results: { got: 3 } }]);
  });

  it('is empty for a task that has not begun or has an empty list', async () => {
    await begin('parent', { status: 'pending' });
    expect(await page()).toEqual({ items: [] });
    await begin('other', succeeded(0));
    expect(await page(9, undefined, 'other')).toEqual({ items: [] });
  });

  it('refuses a task of another type, which has no items', async () => {
    await begin('parent', succeeded(1));

    const asked = mapItems({ activities, workflows }, 'parent', 'start', { limit: 1 });

    await expect(asked).rejects.toThrow(new TaskNotAMapError('start', 'start'));
  });

  it('lists what it finds of a run whose revision is not on record any more', async () => {
    await begin('parent', succeeded(1));
    await made(0, { status: 'succeeded' });
    workflows = new MemoryWorkflowStore();

    expect((await page()).items).toMatchObject([{ index: 0 }]);
  });

  it('refuses what names no task, and cursors that it did not give', async () => {
    await begin('parent', succeeded(1));
    for (const task of ['none', 'toString', '__proto__']) {
      const asked = mapItems({ activities, workflows }, 'parent', task, { limit: 1 });
      await expect(asked).rejects.toThrow(TaskNotFoundError);
    }
    for (const place of ['[-1]', '[0.5]', '["0"]', '[0,0]', '0'])
      await expect(page(1, Buffer.from(place).toString('base64url'))).rejects.toThrow(
        CursorInvalidError,
      );
  });
});
