import { StoreUnavailableError } from '../errors.js';
import { aNewActivity } from '../testing/builders.js';
import { MemoryActivityStore } from '../testing/memory/memory-activity-store.js';
import {
  type CountRuns,
  nextMonthAt,
  quotaMonthOf,
  reserveQuota,
  RunQuotas,
} from './run-quotas.js';

const AT = Date.UTC(2026, 10, 27, 12);
const LIMITED = { id: 'w', quotas: { runsPerMonth: 3 } };

/** Runs on record by workflow and month, and how often they were counted. */
class Record {
  readonly runs = new Map<string, number>();
  counts = 0;
  fails = false;
  now = 0;
  /** How many runs were refused. */
  refused = 0;

  readonly count: CountRuns = async (workflowId, month, countMax) => {
    this.counts += 1;
    await Promise.resolve();
    if (this.fails) throw new StoreUnavailableError('count the runs of a month');
    return Math.min(this.runs.get(`${workflowId} ${month}`) ?? 0, countMax);
  };

  add(month: number, workflowId = 'w'): void {
    const key = `${workflowId} ${month}`;
    this.runs.set(key, (this.runs.get(key) ?? 0) + 1);
  }

  quotas(runsPerMonth = 0): RunQuotas {
    const refused = (): void => {
      this.refused += 1;
    };
    return new RunQuotas(this.count, { runsPerMonth, refused }, () => this.now);
  }

  /** Admits a run and puts it on record after some turns of the event loop. @returns whether it was admitted */
  async run(quotas: RunQuotas, workflow = LIMITED, at = AT, isNew = true): Promise<boolean> {
    const place = await quotas.reserve(workflow, at).catch((error: unknown) => {
      expect(error).toMatchObject({ code: 'QUOTA_EXCEEDED' });
      return undefined;
    });
    if (!place) return false;
    for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
    if (isNew) this.add(place.month, workflow.id);
    place.settle(isNew);
    return true;
  }
}

function letIn(all: readonly boolean[]): number {
  return all.filter((one) => one).length;
}

let record: Record;
beforeEach(() => {
  record = new Record();
});

describe(RunQuotas.name, () => {
  it('lets in no more than the quota, however many come at once', async () => {
    const quotas = record.quotas();
    const first = await Promise.all(Array.from({ length: 50 }, () => record.run(quotas)));
    const later = await record.run(quotas);

    expect([letIn(first), later]).toEqual([3, false]);
    expect(record.refused).toBe(48);
  });

  // As many repeats as the quota has places, and so many that some have to wait for others.
  it.each([3, 10])('gives the places of %s that came twice to others', async (length) => {
    const quotas = record.quotas();
    const twice = Array.from({ length }, () => record.run(quotas, LIMITED, AT, false));
    await Promise.all(twice);

    const all = await Promise.all(Array.from({ length: 5 }, () => record.run(quotas)));
    expect(letIn(all)).toBe(3);
  });

  it('begins anew with each calendar month in UTC', async () => {
    const last = Date.UTC(2026, 10, 30, 23, 59, 59, 999);
    const quotas = record.quotas();
    const november = [last, last, last, last].map((at) => record.run(quotas, LIMITED, at));
    const december = [1, 2].map((ms) => record.run(quotas, LIMITED, last + ms));

    expect(letIn(await Promise.all(november))).toBe(3);
    expect(letIn(await Promise.all(december))).toBe(2);
    expect([...record.runs.keys()]).toEqual(['w 202611', 'w 202612']);
  });

  it('says when it can be sent again', async () => {
    for (let n = 0; n < 3; n += 1) record.add(202611);

    await expect(record.quotas().reserve(LIMITED, AT)).rejects.toMatchObject({
      kind: 'rate-limited',
      retryAfterSeconds: (Date.UTC(2026, 11, 1) - AT) / 1_000,
      message: expect.stringContaining('2026-12-01T00:00:00.000Z') as string,
    });
  });

  it('sees with its next count the runs that others recorded or removed', async () => {
    const quotas = record.quotas();
    await record.run(quotas);
    for (let n = 0; n < 2; n += 1) record.add(202611);
    record.now += 1_001;
    expect(await record.run(quotas)).toBe(false);

    record.runs.clear();
    record.now += 1_001;
    expect(await record.run(quotas)).toBe(true);
  });

  it('does not count for each run while there is room', async () => {
    const quotas = record.quotas();
    const many = { id: 'w', quotas: { runsPerMonth: 1_000 } };
    const all = Array.from({ length: 500 }, () => record.run(quotas, many));

    expect(letIn(await Promise.all(all))).toBe(500);
    expect(record.counts).toBe(1);
  });

  it('counts less often when a count takes long', async () => {
    const slow: CountRuns = async (...asked) => {
      record.now += 500;
      return record.count(...asked);
    };
    const quotas = new RunQuotas(slow, { runsPerMonth: 1_000 }, () => record.now);
    await record.run(quotas, { id: 'w', quotas: { runsPerMonth: 1_000 } });
    record.now += 9_000;
    await record.run(quotas, { id: 'w', quotas: { runsPerMonth: 1_000 } });

    expect(record.counts).toBe(1);
  });

  it('applies a raised quota at once', async () => {
    const quotas = record.quotas();
    for (let n = 0; n < 5; n += 1) record.add(202611);
    expect(await record.run(quotas)).toBe(false);

    expect(await record.run(quotas, { id: 'w', quotas: { runsPerMonth: 5 } })).toBe(false);
    expect(await record.run(quotas, { id: 'w', quotas: { runsPerMonth: 6 } })).toBe(true);
  });

  it('takes the quota of the installation where a workflow has none, and none for 0', () => {
    const quotas = record.quotas(100);
    const limits = [{}, { quotas: {} }, LIMITED, { quotas: { runsPerMonth: 0 } }];

    expect(limits.map((workflow) => quotas.limitOf(workflow))).toEqual([100, 100, 3, 0]);
  });

  it('admits every run while counts fail, and counts them later', async () => {
    const quotas = record.quotas();
    record.fails = true;
    const all = await Promise.all(Array.from({ length: 5 }, () => record.run(quotas)));
    record.fails = false;

    expect(letIn(all)).toBe(5);
    expect(await record.run(quotas)).toBe(false);
  });

  it('reports each failed count with its workflow', async () => {
    record.fails = true;
    const told: unknown[] = [];
    const uncounted = (...of: readonly unknown[]): void => void told.push(of);
    const quotas = new RunQuotas(record.count, { runsPerMonth: 0, uncounted });
    await record.run(quotas);

    expect(told).toEqual([['w', expect.any(StoreUnavailableError)]]);
  });

  describe('of a month that was full', () => {
    let quotas: RunQuotas;

    beforeEach(async () => {
      quotas = record.quotas();
      for (let n = 0; n < 4; n += 1) await record.run(quotas);
      record.refused = 0;
      record.fails = true;
      record.now += 1_001;
    });

    it('admits no run while another count fails', async () => {
      expect(await record.run(quotas)).toBe(false);
      expect(await record.run(quotas, { id: 'w', quotas: { runsPerMonth: 4 } })).toBe(true);
    });

    it('admits a run while MongoDB cannot say whether it is on record, and counts none as refused', async () => {
      const gone = new MemoryActivityStore();
      gone.outage.begin();
      const parts = { quotas, activities: gone };

      expect(await reserveQuota('new', LIMITED, AT, parts)).toMatchObject({ month: 202611 });
      expect(record.refused).toBe(0);
    });

    it('does not count a run as refused that is on record', async () => {
      const activities = new MemoryActivityStore();
      await activities.record(aNewActivity({ id: 'there' }));

      expect(await reserveQuota('there', LIMITED, AT, { quotas, activities })).toBeUndefined();
      expect(record.refused).toBe(0);
    });
  });

  it('does not repeat a count soon that took too long', async () => {
    let counts = 0;
    const tooMany: CountRuns = async () => {
      counts += 1;
      record.now += 5_000;
      return Promise.reject(new StoreUnavailableError('count the runs of a month'));
    };
    const quotas = new RunQuotas(tooMany, { runsPerMonth: 0 }, () => record.now);
    for (let n = 0; n < 5; n += 1) expect(await record.run(quotas)).toBe(true);
    expect(counts).toBe(1);

    record.now += 100_001;
    expect(await record.run(quotas)).toBe(true);
    expect(counts).toBe(2);
  });

  it('shows how much of a quota is used, and when the next month begins', async () => {
    record.add(202611);

    expect(await record.quotas().use(LIMITED, AT)).toEqual({
      used: 1,
      of: 3,
      resetsAt: Date.UTC(2026, 11, 1),
    });
    expect(await record.quotas().use({ id: 'w' }, AT)).toBeUndefined();
  });
});

describe(reserveQuota.name, () => {
  it('reserves no place where there is no quota, nor for a run on record', async () => {
    const activities = new MemoryActivityStore();
    await activities.record(aNewActivity({ id: 'there' }));
    const parts = { quotas: record.quotas(), activities };
    expect(await reserveQuota('new', { id: 'w' }, AT, parts)).toBeUndefined();
    expect(record.counts).toBe(0);

    for (let n = 0; n < 3; n += 1) record.add(202611);
    expect(await reserveQuota('there', LIMITED, AT, parts)).toBeUndefined();
    await expect(reserveQuota('new', LIMITED, AT, parts)).rejects.toMatchObject({
      code: 'QUOTA_EXCEEDED',
    });
  });
});

describe('a month', () => {
  it.each([
    [Date.UTC(2026, 0, 1), 202601, Date.UTC(2026, 1, 1)],
    [Date.UTC(2026, 11, 31, 23, 59, 59, 999), 202612, Date.UTC(2027, 0, 1)],
    [Date.UTC(2028, 1, 29), 202802, Date.UTC(2028, 2, 1)],
  ])('of %i is %i, and ends at %i', (at, month, end) => {
    expect([quotaMonthOf(at), nextMonthAt(at)]).toEqual([month, end]);
  });
});
