import { aNewActivity, MemoryActivityStore, MemoryLockStore, NOW } from '@app/persistence/testing';
import { LockService } from './lock-service.js';

const LOOK_MS = 300_000;
const entry = { lock: 'door', task: 'acquire', attempt: 1 };

let now: number;
let locks: MemoryLockStore;
let activities: MemoryActivityStore;
let told: string[];
let service: LockService;

beforeEach(async () => {
  now = NOW;
  locks = new MemoryLockStore();
  activities = new MemoryActivityStore();
  told = [];
  service = new LockService(
    locks,
    activities,
    () => now,
    () => undefined,
  );
  service.subscribe((activity) => told.push(activity));
  for (const id of ['a', 'b', 'c']) await activities.record(aNewActivity({ id }));
});

async function inboxOf(id: string): Promise<readonly unknown[]> {
  return (await activities.get(id))?.inbox ?? [];
}

describe(LockService.name, () => {
  it('tells the one that has it, and the next when it is given back', async () => {
    await service.ask('a', entry, NOW);
    await service.ask('b', entry, NOW + 1);
    expect(told).toEqual(['a']);
    expect(await inboxOf('a')).toMatchObject([{ kind: 'lock-granted', ...entry }]);
    expect(await inboxOf('b')).toEqual([]);

    await service.release('a', entry);

    expect(told).toEqual(['a', 'b']);
  });

  it('tells once, however often it is asked', async () => {
    await service.ask('a', entry, NOW);
    await service.ask('a', entry, NOW);

    expect(told).toEqual(['a']);
    expect(await inboxOf('a')).toHaveLength(1);
  });

  it('tells after a step that broke off between giving and telling', async () => {
    activities.outage.begin();
    await expect(service.ask('a', entry, NOW)).rejects.toThrow();
    activities.outage.end();
    expect(told).toEqual([]);

    await service.ask('a', entry, NOW);

    expect(told).toEqual(['a']);
  });

  it('passes over a run that is gone', async () => {
    await service.ask('a', entry, NOW);
    await service.ask('gone', entry, NOW + 1);
    await service.ask('c', entry, NOW + 2);

    await service.release('a', entry);

    expect(told).toEqual(['a', 'c']);
  });

  it('gives it to the next when its lease is over, and not before', async () => {
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

  it('takes it from a run that went without giving it back', async () => {
    await locks.ask({ ...entry, activity: 'gone', askedAt: NOW - 1 });
    await locks.grant('door', NOW, NOW + LOOK_MS);
    await locks.markTold({ ...entry, activity: 'gone' });
    await service.ask('b', entry, NOW);
    expect(told).toEqual([]);

    now = NOW + LOOK_MS;
    await service.look();

    expect(told).toEqual(['b']);
  });

  it('leaves it to a run that is there, and looks again', async () => {
    await service.ask('a', entry, NOW);
    now = NOW + LOOK_MS;

    await service.look();

    expect(await locks.grant('door', now, now)).toMatchObject({ activity: 'a' });
    expect(await locks.due(now, 10)).toEqual([]);
  });
});
