import { FlowMetrics } from '@app/observability';
import { MemoryLog } from '@app/observability/testing';
import { type ActivityCommit, ActivityTooLargeError } from '@app/persistence';
import { aNewActivity, aState, MemoryActivityStore, NOW } from '@app/persistence/testing';
import { earlierRunOf, type TaskState, workflowFailure } from '@app/workflow-engine';
import { aDefinition, anHttpTask } from '@app/workflow-engine/testing';
import { NEW_RECORD } from './known-record.js';
import { RunBreaker } from './run-end.js';

const DEFECT = workflowFailure('ENGINE_DEFECT', 'it broke');
const DONE = { status: 'succeeded', attempt: 2, startedAt: NOW, endedAt: NOW } as const;
const IN_HAND = { status: 'running', attempt: 3, keyAttempt: 3, startedAt: NOW } as const;
const TASKS: Record<string, TaskState> = {
  gave: { ...DONE, results: { text: 'cannot be written' } },
  done: { ...DONE, results: {} },
  call: { ...IN_HAND, timeoutAt: NOW + 1_000 },
};

/** Refuses what matches, as a database does that can't write it. */
class RefusingStore extends MemoryActivityStore {
  constructor(private readonly refused: RegExp) {
    super();
  }

  override async commit(commit: ActivityCommit): Promise<'committed' | 'stale'> {
    if (this.refused.test(JSON.stringify(commit.state))) {
      throw new ActivityTooLargeError(commit.id, 'state', 2, 1);
    }
    return super.commit(commit);
  }
}

async function broken(refused: RegExp): Promise<MemoryActivityStore> {
  const store = new RefusingStore(refused);
  const activity = aNewActivity({ id: 'one' });
  const state = aState({ tasks: TASKS });
  store.put({ ...activity, status: 'running', lockVersion: 1, inbox: [], state });
  const breaker = new RunBreaker(store, () => NOW + 5, new FlowMetrics(), new MemoryLog());
  await breaker.break(activity, { ...NEW_RECORD, state }, DEFECT);
  return store;
}

describe('a run that breaks', () => {
  it('keeps its tasks, also if their results cannot be written', async () => {
    const store = await broken(/cannot be written/);

    const state = store.peek('one')?.state;
    expect(state).toMatchObject({
      status: 'failed',
      tasks: {
        gave: { status: 'succeeded', attempt: 2, results: {}, cut: true },
        done: { status: 'succeeded', attempt: 2 },
        call: { status: 'failed', attempt: 3 },
      },
    });
    const definition = aDefinition([anHttpTask('done'), anHttpTask('call', ['done'])]);
    const earlier = earlierRunOf(state ?? { tasks: {} }, definition, definition);
    expect(Object.keys(earlier.tasks)).toEqual(['done']);
    expect(earlier.before.attempts).toMatchObject({ call: 3 });
  });

  it('ends even if nothing of its tasks can be written', async () => {
    const store = await broken(/"attempt"/);

    expect(store.peek('one')?.state).toMatchObject({ status: 'failed', tasks: {} });
  });

  it('keeps the results of its tasks if they can be written', async () => {
    const store = await broken(/nothing/);

    expect(store.peek('one')?.state?.tasks['gave']).toEqual(TASKS['gave']);
  });
});
