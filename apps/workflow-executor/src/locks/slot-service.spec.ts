import { type Signal, type SlotEntry } from '@app/workflow-engine';
import {
  aCommit,
  aNewActivity,
  MemoryActivityStore,
  MemoryLockStore,
  NOW,
  aState,
} from '@app/persistence/testing';
import { SlotService } from './slot-service.js';

const entry: SlotEntry = { lock: 'key', task: '', attempt: 1, limit: 1 };

const QUEUE_MAX = 3;

let now: number;
let slots: MemoryLockStore;
let activities: MemoryActivityStore;
let told: string[];
let service: SlotService;

beforeEach(async () => {
  now = NOW;
  slots = new MemoryLockStore();
  activities = new MemoryActivityStore();
  told = [];
  service = new SlotService(
    slots,
    activities,
    () => now,
    () => undefined,
    QUEUE_MAX,
  );
  service.subscribe((activity) => told.push(activity));
  for (const id of ['a', 'b', 'c', 'd', 'e']) await activities.record(aNewActivity({ id }));
});

/** What each has been told, in order. */
async function inboxes(...ids: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(ids.map(async (id) => (await activities.get(id))?.inbox ?? []));
  return found.map((inbox) => inbox.map(wordOf).join(' '));
}

function wordOf(signal: Signal): string {
  return signal.kind === 'cancel' ? (signal.code ?? 'CANCELLED') : signal.kind;
}

type Terms = Pick<SlotEntry, 'whenFull' | 'debounceMs' | 'throttleMs'> & {
  readonly limit?: number;
};

async function askAll(rest: Terms, ...ids: readonly string[]): Promise<void> {
  for (const id of ids) await service.ask(id, { ...entry, ...rest }, NOW + id.charCodeAt(0));
}

/** Its run is over, and has not said so. */
async function end(id: string): Promise<void> {
  const { lockVersion = 0 } = (await activities.get(id)) ?? {};
  const outcome = await activities.commit(
    aCommit({ id, lockVersion, state: aState({ status: 'succeeded', endedAt: now }) }),
  );
  expect(outcome).toBe('committed');
}

describe(SlotService.name, () => {
  it('grants as many slots as there are, and the next ones when some are released', async () => {
    await askAll({ limit: 2 }, 'a', 'b', 'c', 'd');
    expect(told).toEqual(['a', 'b']);
    expect(await inboxes('a', 'c')).toEqual(['slot-granted', '']);

    await service.release('a', { ...entry, limit: 2 });
    await service.release('d', { ...entry, limit: 2 });
    await service.release('b', { ...entry, limit: 2 });

    expect(told).toEqual(['a', 'b', 'c']);
  });

  it('applies the limit of the next run if that of the one before was lower', async () => {
    await askAll({ limit: 1 }, 'a', 'b');
    await askAll({ limit: 2 }, 'c');
    expect(told).toEqual(['a']);

    await service.release('a', entry);

    expect(told).toEqual(['a', 'b', 'c']);
  });

  it('continues granting after a step that broke off, until no slot is free', async () => {
    activities.outage.begin();
    for (const id of ['a', 'b', 'c']) {
      const asked = service.ask(id, { ...entry, limit: 2 }, NOW + id.charCodeAt(0));
      await expect(asked).rejects.toThrow();
    }
    activities.outage.end();

    await askAll({ limit: 2 }, 'c');

    expect(told).toEqual(['a', 'b']);
  });

  it('ends older runs when a newer one comes, also those that run', async () => {
    const rest = { whenFull: 'cancel-running' } as const;
    await askAll(rest, 'a', 'b');
    expect(await inboxes('a', 'b')).toEqual(['slot-granted CONCURRENCY_REPLACED', '']);

    await askAll(rest, 'c', 'a');

    expect(await inboxes('b', 'c')).toEqual(['CONCURRENCY_REPLACED', '']);
    // It has its slot until it has ended.
    await service.release('a', { ...entry, ...rest });
    expect(await inboxes('b', 'c')).toEqual(['CONCURRENCY_REPLACED', 'slot-granted']);
  });

  it('ends a run if a newer one came before it', async () => {
    await askAll({ whenFull: 'cancel-running' }, 'b', 'a');

    expect(await inboxes('a', 'b')).toEqual(['CONCURRENCY_REPLACED', 'slot-granted']);
  });

  it('ends a new run without a free slot, and no run that has one', async () => {
    const rest = { whenFull: 'cancel-new' } as const;
    await askAll(rest, 'a', 'b', 'a');

    expect(await inboxes('a', 'b')).toEqual(['slot-granted', 'CONCURRENCY_FULL']);
    await service.release('a', { ...entry, ...rest });
    await askAll(rest, 'c');
    expect(await inboxes('c')).toEqual(['slot-granted']);
  });

  it('ends a new run if CONCURRENCY_QUEUE_MAX runs wait for the key, and names the bound', async () => {
    await askAll({}, 'a', 'b', 'c', 'd', 'e');

    expect(await inboxes('a', 'b', 'c', 'd', 'e')).toEqual([
      ...['slot-granted', '', '', ''],
      'CONCURRENCY_FULL',
    ]);
    const [cancel] = (await activities.get('e'))?.inbox ?? [];
    expect(cancel).toMatchObject({
      reason:
        '3 runs of the same key wait for a slot already, as many as may wait (CONCURRENCY_QUEUE_MAX)',
    });
    expect(await slots.newest('key', { skip: 0, limit: 9, waiting: true })).toHaveLength(3);
  });

  it('bounds each key separately, and ends no run that waits already', async () => {
    await askAll({}, 'a', 'b', 'c', 'd');
    await service.ask('e', { ...entry, lock: 'other' }, NOW);
    await askAll({}, 'd', 'c', 'b', 'a');
    expect(await inboxes('a', 'b', 'c', 'd', 'e')).toEqual([
      ...['slot-granted', '', '', ''],
      'slot-granted',
    ]);

    await service.release('b', entry);
    await askAll({}, 'e');

    expect(await inboxes('e')).toEqual(['slot-granted']);
  });

  it('applies the limit of the revision that a run began with', async () => {
    const [first, latest] = [{ limit: 1 }, { limit: 3 }];
    await askAll(first, 'a', 'b');
    await askAll(latest, 'c', 'd');
    expect(told).toEqual(['a']);

    await service.release('a', { ...entry, ...first });
    // Two more may run beside b, as those say that are next in line then.
    expect(told).toEqual(['a', 'b', 'c', 'd']);

    await service.ask('e', { ...entry, ...first }, NOW + 200);
    await service.release('b', { ...entry, ...first });
    await service.release('c', { ...entry, ...latest });
    expect(told).toHaveLength(4);
    await service.release('d', { ...entry, ...latest });
    expect(told).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it.each(['replace-waiting', 'join-waiting'] as const)(
    'keeps one run waiting: %s',
    async (whenFull) => {
      await askAll({ whenFull }, 'a', 'b', 'c', 'd');

      const newest = ['slot-granted', 'CONCURRENCY_REPLACED', 'CONCURRENCY_REPLACED', ''];
      const oldest = ['slot-granted', '', 'CONCURRENCY_JOINED', 'CONCURRENCY_JOINED'];
      expect(await inboxes('a', 'b', 'c', 'd')).toEqual(
        whenFull === 'replace-waiting' ? newest : oldest,
      );
      expect(await slots.newest('key', { skip: 0, limit: 9, waiting: true })).toHaveLength(1);
    },
  );

  it('grants the slot to the newest run after no other has come for the debounce time', async () => {
    const rest = { debounceMs: 1_000 };
    await askAll(rest, 'b', 'a');
    await service.look();
    expect(await inboxes('a', 'b')).toEqual(['CONCURRENCY_REPLACED', '']);

    now = NOW + 'b'.charCodeAt(0) + 999;
    await service.look();
    expect(await inboxes('b')).toEqual(['']);
    now += 1;
    await service.look();

    expect(await inboxes('b')).toEqual(['slot-granted']);
  });

  it('keeps a slot back for the throttle time, whoever releases it', async () => {
    const rest = { throttleMs: 1_000 };
    await askAll(rest, 'a', 'b');
    await service.release('a', { ...entry, ...rest });
    now = NOW + 999;
    await service.look();
    expect(told).toEqual(['a']);

    now = NOW + 1_000;
    await service.look();

    expect(told).toEqual(['a', 'b']);
    now = NOW + 9_000;
    await askAll(rest, 'c');
    await service.release('b', { ...entry, ...rest });
    expect(told).toEqual(['a', 'b', 'c']);
  });

  it('completes the refusal of a run that broke off', async () => {
    await askAll({ whenFull: 'join-waiting' }, 'a', 'b');
    const signal = activities.signal.bind(activities);
    activities.signal = () => Promise.reject(new Error('gone'));
    await expect(
      service.ask('c', { ...entry, whenFull: 'join-waiting' }, NOW + 200),
    ).rejects.toThrow();
    activities.signal = signal;
    expect(await inboxes('c')).toEqual(['']);

    now = NOW + 1_000;
    await service.look();

    expect(await inboxes('c')).toEqual(['CONCURRENCY_JOINED']);
    expect(await slots.newest('key', { skip: 0, limit: 9, waiting: true })).toHaveLength(1);
  });

  it('ends no run for a newer one that will not run', async () => {
    const rest = { whenFull: 'join-waiting' } as const;
    await askAll(rest, 'a', 'b');
    const signal = activities.signal.bind(activities);
    activities.signal = () => Promise.reject(new Error('gone'));
    await expect(askAll(rest, 'c')).rejects.toThrow();
    activities.signal = signal;
    await service.release('a', { ...entry, ...rest });
    expect(await inboxes('b')).toEqual(['slot-granted']);

    await askAll(rest, 'd');
    expect(await inboxes('d')).toEqual(['']);
    await end('d');
    await askAll(rest, 'e');

    expect(await inboxes('e')).toEqual(['']);
  });

  it('keeps a slot back even if its run is found ended before the release', async () => {
    const rest = { throttleMs: 600_000 };
    await askAll(rest, 'a', 'b');
    await end('a');
    now = NOW + 300_000;
    await service.look();
    await service.release('a', { ...entry, ...rest });
    expect(told).toEqual(['a']);

    now = NOW + 600_000;
    await service.look();

    expect(told).toEqual(['a', 'b']);
  });
});
