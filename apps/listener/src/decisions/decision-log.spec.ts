import { type Decision, type DecisionRecord } from '@app/persistence';
import { MemoryDecisionStore, NOW } from '@app/persistence/testing';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { DecisionLog } from './decision-log.js';

const HOUR_MS = 3_600_000;
const SETTINGS = { perMinuteMax: 2, keptMs: 1_000, bytesMax: 1e9, flushMs: 2 ** 30 };

let now: number;
let dropped: number;
let store: MemoryDecisionStore;

beforeEach(() => {
  now = NOW;
  dropped = 0;
  store = new MemoryDecisionStore();
});

function aLog(settings = {}): DecisionLog {
  const onDropped = (decisions: number): void => void (dropped += decisions);
  return new DecisionLog(store, { ...SETTINGS, ...settings }, () => now, onDropped);
}

function anOutcome(decision: Partial<Decision> = {}): Omit<Decision, 'at'> {
  return { outcome: 'filtered', workflowId: 'w1', trigger: 'event', source: '/s', ...decision };
}

async function records(limit = 100): Promise<readonly DecisionRecord[]> {
  return (await store.list({ limit })).records;
}

describe(DecisionLog.name, () => {
  it('keeps a record for each event until the allowance of its kind is used up, then counts', async () => {
    const log = aLog();
    for (let index = 0; index < 1_000; index += 1) log.add(anOutcome({ eventId: `e${index}` }));
    await log.flush();

    const counts = (await records()).map(({ count }) => count).toSorted((a, b) => a - b);
    expect(counts).toEqual([...Array.from({ length: 20 }, () => 1), 980]);
  });

  it('leaves other kinds their allowance when one kind floods', async () => {
    const log = aLog();
    for (let index = 0; index < 1_000; index += 1) log.add(anOutcome({ eventId: `e${index}` }));

    expect(log.hasRoomFor(anOutcome())).toBe(false);
    for (const other of [{ workflowId: 'w2' }, { outcome: 'accepted' } as const, { code: 'X' }])
      expect(log.hasRoomFor(anOutcome(other))).toBe(true);
  });

  it('restores the allowance as time passes', () => {
    const log = aLog();
    for (let index = 0; index < 100; index += 1) log.add(anOutcome({ eventId: `e${index}` }));
    now += 29_999;
    expect(log.hasRoomFor(anOutcome())).toBe(false);
    now += 1;
    expect(log.hasRoomFor(anOutcome())).toBe(true);
  });

  it('counts each hour of a kind in a record of its own', async () => {
    const log = aLog();
    const flood = (): void => {
      for (let index = 0; index < 100; index += 1) log.add(anOutcome({ eventId: `e${index}` }));
    };
    now = Math.ceil(NOW / HOUR_MS) * HOUR_MS - 1;
    flood();
    // The next hour begins, and no allowance is restored yet.
    now += 1;
    flood();
    await log.flush();

    const counts = (await records(1_000)).map(({ count }) => count).filter((count) => count > 1);
    expect(counts.toSorted((a, b) => a - b)).toEqual([80, 100]);
  });

  it('counts the same decision about the same event in one record', async () => {
    const log = aLog();
    for (let index = 0; index < 5; index += 1) log.add(anOutcome({ eventId: 'e1' }));
    await log.flush();

    expect(await records()).toMatchObject([{ count: 5, first: { eventId: 'e1' } }]);
  });

  it('keeps nothing when it is switched off', async () => {
    const log = aLog({ perMinuteMax: 0 });
    log.add(anOutcome({ eventId: 'e1' }));
    await log.flush();

    expect(log.hasRoomFor(anOutcome())).toBe(false);
    expect(await records()).toEqual([]);
  });

  it('keeps records that could not be written, within its bound, and reports the dropped ones', async () => {
    const log = aLog();
    store.outage.begin();
    for (let index = 0; index < 1_500; index += 1) log.add(anOutcome({ workflowId: `w${index}` }));
    await log.flush();
    store.outage.end();
    await log.flush();

    expect(dropped).toBe(500);
    expect(await records(2_000)).toHaveLength(1_000);
  });

  it('has one write in flight at a time, while new records wait', async () => {
    const writes: (() => void)[] = [];
    class SlowStore extends MemoryDecisionStore {
      override async add(all: readonly DecisionRecord[]): Promise<void> {
        await new Promise<void>((resolve) => writes.push(resolve));
        await super.add(all);
      }
    }
    store = new SlowStore();
    const log = aLog();
    log.add(anOutcome({ eventId: 'e1' }));
    const first = log.flush();
    log.add(anOutcome({ eventId: 'e2' }));
    const second = log.flush();
    await nextTurn();
    expect(writes).toHaveLength(1);

    writes[0]?.();
    while (writes.length < 2) await nextTurn();
    writes[1]?.();
    await Promise.all([first, second]);
    expect(await records()).toHaveLength(2);
  });

  it('deletes the oldest records beyond its size', async () => {
    const log = aLog({ bytesMax: 1_000, perMinuteMax: 1_000 });
    for (let index = 0; index < 100; index += 1) {
      now += 1;
      log.add(anOutcome({ eventId: `e${index}` }));
    }
    await log.flush();

    const left = (await records()).map(({ first }) => first.eventId);
    expect(left.length).toBeLessThan(20);
    expect(left[0]).toBe('e99');
  });
});
