import { jest } from '@jest/globals';
import {
  aCommit,
  aNewActivity,
  aState,
  dueWorkContract,
  type DueWorkScene,
  MemoryActivityStore,
  MemoryLockStore,
  NOW,
} from '@app/persistence/testing';
import { LockUnservedError } from './errors.js';
import { LockService } from './lock-service.js';

const LOOK_MS = 300_000;
const entry = { lock: 'door', task: 'acquire', attempt: 1 };

let now: number;
let locks: MemoryLockStore;
let activities: MemoryActivityStore;
let told: string[];
let troubles: unknown[];
let service: LockService;

beforeEach(async () => {
  now = NOW;
  locks = new MemoryLockStore();
  activities = new MemoryActivityStore();
  told = [];
  troubles = [];
  service = new LockService(
    locks,
    activities,
    () => now,
    (error) => troubles.push(error),
  );
  service.subscribe((activity) => told.push(activity));
  for (const id of ['a', 'b', 'c']) await activities.record(aNewActivity({ id }));
});

async function inboxOf(id: string): Promise<readonly unknown[]> {
  return (await activities.get(id))?.inbox ?? [];
}

/**
 * Of each lock the lease of the one that has it is over: it goes to the next, who is told. To be told twice is no harm, and
 * counts once: the inbox takes a signal of the same id once. An id of each telling would count twice.
 */
dueWorkContract('locks', async (executors, things): Promise<DueWorkScene> => {
  const names = Array.from({ length: things }, (_, n) => `lock-${n}`);
  for (const lock of names) {
    await activities.record(aNewActivity({ id: `next for ${lock}` }));
    await service.ask('a', { ...entry, lock, leaseMs: 1_000 }, NOW);
    await service.ask(`next for ${lock}`, { ...entry, lock }, NOW + 1);
  }
  now = NOW + 1_000;
  const pollers = Array.from({ length: executors }, () => {
    const poller = new LockService(
      locks,
      activities,
      () => now,
      (error) => troubles.push(error),
    );
    return {
      start: () => {
        poller.start(1);
      },
      stop: () => poller.stop(),
    };
  });
  const timesDone = async (): Promise<ReadonlyMap<string, number>> => {
    const found = await Promise.all(
      names.map(async (lock) => [lock, (await inboxOf(`next for ${lock}`)).length] as const),
    );
    return new Map(found.filter(([, times]) => times > 0));
  };
  return { pollers, timesDone };
});

describe(LockService.name, () => {
  it('notifies the owner, and the next one when the lock is released', async () => {
    await service.ask('a', entry, NOW);
    await service.ask('b', entry, NOW + 1);
    expect(told).toEqual(['a']);
    expect(await inboxOf('a')).toMatchObject([{ kind: 'lock-granted', ...entry }]);
    expect(await inboxOf('b')).toEqual([]);

    await service.release('a', entry);

    expect(told).toEqual(['a', 'b']);
  });

  it('notifies once, however often the lock is requested', async () => {
    await service.ask('a', entry, NOW);
    await service.ask('a', entry, NOW);

    expect(told).toEqual(['a']);
    expect(await inboxOf('a')).toHaveLength(1);
  });

  it('sends its signal once when many ask at the same time', async () => {
    const signal = jest.spyOn(activities, 'signal');

    await Promise.all(['a', 'b', 'c'].map((id, at) => service.ask(id, entry, NOW + at)));

    expect(signal).toHaveBeenCalledTimes(1);
    expect(told).toEqual(['a']);
  });

  it('notifies anew of a lock that a late request got after its release, so that it can be given back', async () => {
    await service.ask('a', entry, NOW);
    await service.release('a', entry);
    now = NOW + 1;

    await service.ask('a', entry, NOW);

    expect(await inboxOf('a')).toHaveLength(2);
  });

  it('notifies after a step that broke off between granting and notifying', async () => {
    activities.outage.begin();
    await expect(service.ask('a', entry, NOW)).rejects.toThrow();
    activities.outage.end();
    expect(told).toEqual([]);

    await service.ask('a', entry, NOW);

    expect(told).toEqual(['a']);
  });

  it('skips a run that is gone', async () => {
    await service.ask('a', entry, NOW);
    await service.ask('gone', entry, NOW + 1);
    await service.ask('c', entry, NOW + 2);

    await service.release('a', entry);

    expect(told).toEqual(['a', 'c']);
  });

  it('grants it to the next run when its lease is over, and not before', async () => {
    await service.ask('a', { ...entry, leaseMs: 1_000 }, NOW);
    await service.ask('b', entry, NOW + 1);
    now = NOW + 999;
    await service.look();
    expect(told).toEqual(['a']);

    now = NOW + 1_000;
    await service.look();

    expect(told).toEqual(['a', 'b']);
    await service.release('a', entry);
    expect(await locks.grant('door', now, now)).toMatchObject({ activity: 'b' });
  });

  it('takes it from a run that ended without releasing it', async () => {
    const gone = { ...entry, activity: 'gone', askedAt: NOW - 1 };
    await locks.ask(gone, NOW + LOOK_MS);
    await locks.grant('door', NOW, NOW + LOOK_MS);
    await locks.markSignalled(gone, NOW, NOW + LOOK_MS);
    await service.ask('b', entry, NOW);
    expect(told).toEqual([]);

    now = NOW + LOOK_MS;
    await service.look();

    expect(told).toEqual(['b']);
  });

  it('takes it from a run that is cancelled on record and has not released it', async () => {
    await service.ask('a', entry, NOW);
    await service.ask('b', entry, NOW + 1);
    const state = aState({ status: 'cancelled', endedAt: NOW + 2 });
    await activities.commit(aCommit({ id: 'a', lockVersion: 2, state }));

    now = NOW + LOOK_MS;
    await service.look();

    expect(await inboxOf('b')).toMatchObject([{ kind: 'lock-granted', ...entry }]);
  });

  it('leaves it to a run that still goes on, and checks again later', async () => {
    await service.ask('a', entry, NOW);
    now = NOW + LOOK_MS;

    await service.look();

    expect(await locks.grant('door', now, now)).toMatchObject({ activity: 'a' });
    expect(await locks.due(now, 10)).toEqual([]);
  });

  it('notifies the next one after a check that broke off between granting and notifying, even if its lease would be over', async () => {
    await service.ask('a', { ...entry, leaseMs: 1_000 }, NOW);
    await service.ask('b', { ...entry, leaseMs: 1_000 }, NOW + 1);
    now = NOW + 1_000;
    activities.outage.begin();
    await service.look();
    activities.outage.end();
    expect(troubles).toHaveLength(1);
    expect(told).toEqual(['a']);

    now += 5_000;
    await service.look();
    expect(told).toEqual(['a', 'b']);

    // Its lease counts from then.
    now += 999;
    await service.look();
    expect(await locks.grant('door', now, now)).toMatchObject({ activity: 'b' });
    now += 1;
    await service.look();
    expect(await locks.grant('door', now, now)).toBeUndefined();
  });

  it('grants a lock that was taken away and not granted yet', async () => {
    await service.ask('a', entry, NOW);
    await service.ask('b', entry, NOW + 1);
    await locks.withdraw({ ...entry, activity: 'a' });

    now = NOW + LOOK_MS;
    await service.look();

    expect(told).toEqual(['a', 'b']);
  });

  it('checks a queue once, however many runs wait in it', async () => {
    const waiting = 1_000;
    await service.ask('a', entry, NOW);
    for (let at = 0; at < waiting; at += 1) {
      const asker = { ...entry, activity: `waits-${at}`, askedAt: NOW + 1 };
      await locks.ask(asker, NOW + LOOK_MS + (at % 500));
    }
    const grant = jest.spyOn(locks, 'grant');
    const again = jest.spyOn(locks, 'lookAgain');
    const queue = jest.spyOn(locks, 'lookAgainAtQueue');

    now = NOW + LOOK_MS;
    while ((await service.look()) === 'at-once');

    expect(queue).toHaveBeenCalledTimes(1);
    // For the one that has it, and for those who wait.
    expect(grant.mock.calls.length).toBeLessThanOrEqual(2);
    expect(again.mock.calls.length).toBeLessThanOrEqual(1);
    now += LOOK_MS - 1;
    expect(await locks.due(now, 1)).toEqual([]);
    expect(await locks.due(now + 1, 10_000)).toHaveLength(waiting + 1);
  });

  it('checks the other locks if one cannot be checked, which is retried later', async () => {
    await service.ask('a', entry, NOW);
    await service.ask('b', { ...entry, lock: 'gate', leaseMs: LOOK_MS }, NOW);
    await service.ask('c', { ...entry, lock: 'gate' }, NOW + 1);
    const statusOf = activities.statusOf.bind(activities);
    activities.statusOf = async (id) => {
      if (id === 'a') throw new Error('a is broken');
      return statusOf(id);
    };

    now = NOW + LOOK_MS;
    await service.look();

    expect(troubles).toEqual([new Error('a is broken')]);
    expect(told).toEqual(['a', 'b', 'c']);
    expect(await locks.due(now, 10)).toEqual([]);
    expect(await locks.due(now + 1_000, 10)).toMatchObject([{ activity: 'a' }]);
  });

  it('fails when it has skipped too many, so that it is delivered again', async () => {
    await service.ask('a', entry, NOW);
    for (let at = 0; at < 1_000; at += 1)
      await locks.ask({ ...entry, activity: `gone-${at}`, askedAt: NOW + 1 }, NOW + LOOK_MS);
    await locks.ask({ ...entry, activity: 'b', askedAt: NOW + 2 }, NOW + LOOK_MS);
    await expect(service.release('a', entry)).rejects.toThrow(LockUnservedError);

    await service.release('a', entry);

    expect(told).toEqual(['a', 'b']);
  });
});
