import { until } from '@app/errors/testing';
import { jest } from '@jest/globals';
import { anEvent, aNewActivity, MemoryActivityStore, NOW } from '@app/persistence/testing';
import { LEASE_MS } from '../testing/run-parts.js';
import { Sweeper } from './sweeper.js';
import { SweeperFixture } from '../testing/sweeper-fixture.js';

describe(`${Sweeper.name}: much is due`, () => {
  let fixture: SweeperFixture;
  let store: SweeperFixture['store'];
  let sweeper: SweeperFixture['sweeper'];

  beforeEach(async () => {
    fixture = await new SweeperFixture().begin();
    ({ store, sweeper } = fixture);
  });

  afterEach(() => fixture.end());

  describe('of a backlog', () => {
    let claims: jest.SpiedFunction<typeof store.claimDue>;
    /** Of the next look, how many others took first. */
    let lost: number[];

    beforeEach(async () => {
      const due = await Promise.all(['1', '2', '3'].map((id) => fixture.recorded(id)));
      const full = await Promise.all(due.map((id) => store.get(id)));
      // Each of them has ended by the time that it is looked at, so the permits stay free.
      const ended = full.flatMap((one) => (one ? [{ ...one, status: 'succeeded' as const }] : []));
      lost = [];
      claims = jest.spyOn(store, 'claimDue').mockImplementation(async ({ onLost }) => {
        await new Promise((resolve) => setTimeout(resolve, 1));
        const others = lost.shift() ?? 0;
        if (others > 0) onLost?.(others);
        return ended.slice(others);
      });
    });

    /** Of the looks that began a walk. */
    function skips(): readonly (number | undefined)[] {
      return claims.mock.calls
        .filter(([{ walk }], at, all) => walk !== all[at - 1]?.[0].walk)
        .map(([{ skip }]) => skip);
    }

    async function looks(count: number): Promise<void> {
      sweeper.start();
      await until(() => claims.mock.calls.length >= count);
      await sweeper.stop();
    }

    it('goes on behind what it found while nobody else takes any', async () => {
      await looks(10);

      expect(skips()).toEqual([0]);
    });

    it('begins again with the oldest after a second, so that what became due before the rest is found', async () => {
      sweeper.start();
      await until(() => claims.mock.calls.length >= 3);
      fixture.now += 1_000;
      await until(() => skips().length === 2);
      await sweeper.stop();

      expect(skips()).toEqual([0, 0]);
    });

    it('walks from all parts in turn whenever others took some first, and then from the oldest', async () => {
      lost = [0, 1, 0, 1, 2, 1, 1, 1];
      await looks(9);

      const [first, ...rounds] = skips();
      expect(first).toBe(0);
      expect(rounds.slice(0, 4).toSorted(byNumber)).toEqual([0, 400, 800, 1_200]);
      expect([0, 400, 800, 1_200]).toContain(rounds[4]);
    });

    it('lets go of its walk when it stops', async () => {
      await looks(3);

      expect(claims.mock.calls.every(([{ walk }]) => walk?.aborted)).toBe(true);
    });
  });

  it('looks at other parts as well once others were first with what nobody had claimed', async () => {
    for (let n = 0; n < 20; n += 1) await fixture.recorded(`${n}`);
    fixture.now += LEASE_MS;
    const claims = jest.spyOn(store, 'claimDue');
    jest.spyOn(fixture.starter, 'resume').mockImplementation(async (_, { onOutrun } = {}) => {
      onOutrun?.();
    });
    sweeper.start();
    await until(() => claims.mock.calls.length >= 6);

    const skips = claims.mock.calls.map(([{ skip }]) => skip);
    expect(skips[0]).toBe(0);
    expect(skips.slice(1).filter((skip = 0) => skip >= 400)).not.toHaveLength(0);
  });

  it('leaves most permits to what messages tell of, however much is due', async () => {
    const permits = 8;
    const crowded = await new SweeperFixture(new MemoryActivityStore(), permits, 'share').begin();
    for (let n = 0; n < permits; n += 1) await crowded.recorded(`due ${n}`);
    const commit = crowded.store.commit.bind(crowded.store);
    let goOn = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const begun: string[] = [];
    crowded.store.commit = async (write) => {
      begun.push(write.id);
      await held;
      return commit(write);
    };
    crowded.sweeper.start();
    await until(() => begun.length >= 2);
    await until(() => crowded.semaphore.free === permits - begun.length);
    const swept = begun.length;
    const told = aNewActivity({ event: anEvent({ id: 'told' }), wakeAt: NOW + 30_000 });
    await crowded.store.record(told);
    const taken = crowded.starter.startNew(told);
    await until(() => begun.includes(told.id) || crowded.semaphore.free === 0);

    expect(swept).toBe(2);
    expect(begun).toContain(told.id);
    goOn();
    await taken;
    await crowded.end();
  });
});

function byNumber(a = 0, b = 0): number {
  return a - b;
}
