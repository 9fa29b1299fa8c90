import { until } from '@app/errors/testing';
import { activityTrace } from '@app/observability';
import { MemoryLog } from '@app/observability/testing';
import { type DeliveredRun, StoreUnavailableError } from '@app/persistence';
import { aNewActivity } from '@app/persistence/testing';
import { aScope } from '@app/workflow-engine/testing';
import { HandedOver, type HandedOverRun } from './handed-over.js';
import { KeptRuns } from './kept-runs.js';
import { type Run } from './run.js';

describe(HandedOver.name, () => {
  let now: number;
  let writes: (readonly DeliveredRun[])[];
  let signalled: readonly string[];
  let givenUp: string[];
  let outcome: () => Promise<'all' | 'some'>;
  let log: MemoryLog;
  let handedOver: HandedOver;
  let kept: KeptRuns;

  beforeEach(() => {
    now = 0;
    [writes, signalled, givenUp, log] = [[], [], [], new MemoryLog()];
    outcome = () => Promise.resolve('all');
    const store = {
      releaseDelivered: (runs: readonly DeliveredRun[]) => {
        writes.push(runs);
        return outcome();
      },
      withSignals: () => Promise.resolve(signalled),
    };
    const giveUp = (ids: readonly string[]): Promise<void> => {
      givenUp.push(...ids);
      return Promise.resolve();
    };
    kept = new KeptRuns(3_000);
    handedOver = new HandedOver(store, () => now, giveUp, log, kept);
  });

  afterEach(() => handedOver.end());

  function aRun(id: string, releaseAt = 0): HandedOverRun {
    return { id, lockVersion: 2, delivered: ['e'], wakeAt: 1_000, releaseAt };
  }

  function aKeptRun(activityId: string): Run {
    const origin = aNewActivity();
    return {
      activityId,
      plan: undefined,
      scope: aScope(),
      trace: activityTrace(activityId, undefined),
      origin,
    };
  }

  it('releases what is due in one write, and of the rest later', async () => {
    for (const id of ['a', 'b', 'c']) handedOver.add(aRun(id));
    handedOver.add(aRun('d', 1e9));

    await until(() => Promise.resolve(writes.length > 0));

    expect(writes.map((runs) => runs.map(({ id }) => id))).toEqual([['a', 'b', 'c']]);
    expect([handedOver.has('a'), handedOver.has('d')]).toEqual([false, true]);
  });

  it('writes no run that is driven again', async () => {
    handedOver.add(aRun('a', 1e9));
    handedOver.forget('a');
    await handedOver.end();

    expect(writes).toEqual([]);
  });

  it('reads the runs with signals when some were written meanwhile', async () => {
    outcome = () => Promise.resolve('some');
    signalled = ['b'];
    for (const id of ['a', 'b']) handedOver.add(aRun(id, 1e9));
    await handedOver.end();

    expect(givenUp).toEqual(['b']);
  });

  it('remembers no more than its bound, and releases the oldest first', async () => {
    for (let n = 0; n < 50_001; n += 1) handedOver.add(aRun(`${n}`, 1e9));

    expect([handedOver.has('0'), handedOver.has('255'), handedOver.has('256')]).toEqual([
      false,
      false,
      true,
    ]);
    expect(writes.map((runs) => runs.length)).toEqual([256]);
  });

  it('keeps runs as far as there is room, until somebody works on them or they are released', () => {
    const keep = (id: string, bytes: number, releaseAt = 1e9): void => {
      handedOver.add(aRun(id, releaseAt), { ...aKeptRun(id), bytes });
    };
    const keptIds = (): string[] => ['a', 'b', 'c'].filter((id) => kept.runOf(id) !== undefined);
    keep('a', 2_000);
    keep('b', 1_500);
    keep('c', 1_000);
    expect(keptIds()).toEqual(['a', 'c']);

    handedOver.forget('a');
    keep('b', 2_000);
    expect(keptIds()).toEqual(['b', 'c']);
    keep('b', 2_000);
    expect(keptIds()).toEqual(['b', 'c']);
  });

  it('keeps no run that was released', async () => {
    handedOver.add(aRun('a', 1e9), { ...aKeptRun('a'), bytes: 3_000 });
    await handedOver.end();
    expect(kept.runOf('a')).toBeUndefined();

    handedOver.add(aRun('b', 1e9), { ...aKeptRun('b'), bytes: 3_000 });
    expect(kept.runOf('b')).toBeDefined();
  });

  it('leaves them to the sweeper while MongoDB is gone', async () => {
    outcome = () => Promise.reject(new StoreUnavailableError('release delivered activities'));
    handedOver.add(aRun('a', 1e9));

    await handedOver.end();

    expect(log.lines).toMatchObject([{ level: 'warn' }]);
    expect(givenUp).toEqual([]);
  });
});
