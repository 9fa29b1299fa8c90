import { countedRecordOf, type Decision, recordOf } from '../decisions/decision.js';
import { type DecisionQuery, type DecisionStore } from '../decisions/decision-store.js';
import { NOW } from './builders.js';

const EXPIRES_AT = NOW + 86_400_000;

function aDecision(decision: Partial<Decision> = {}): Decision {
  return {
    outcome: 'filtered',
    at: NOW,
    workflowId: 'workflow-1',
    trigger: 'event',
    eventId: 'e1',
    source: '/shop',
    type: 'order.placed',
    ...decision,
  };
}

/** What every `DecisionStore` does; `theStore` gives an empty one. */
export function describeDecisionStore(name: string, theStore: () => DecisionStore): void {
  describe(name, () => {
    const add = (...decisions: readonly Decision[]): Promise<void> =>
      theStore().add(decisions.map(recordOf), EXPIRES_AT);
    const found = async (query: Partial<DecisionQuery>): Promise<readonly unknown[]> =>
      (await theStore().list({ limit: 100, ...query })).records.map(({ first }) => first.eventId);

    it('stores all members of a decision', async () => {
      const clauses = [{ path: 'filter.exact.a.b', holds: false, wants: '"$x"', saw: '"y"' }];
      const decision = aDecision({ clauses, code: 'X', activityId: 'a', remoteAddress: '::1' });
      await add(decision);

      expect((await theStore().list({ limit: 10 })).records).toEqual([recordOf(decision)]);
    });

    it('counts equal decisions, and keeps the first', async () => {
      await add(aDecision());
      await add(aDecision({ at: NOW + 5 }), aDecision({ at: NOW + 9, eventId: 'e2' }));

      expect((await theStore().list({ limit: 10, eventId: 'e1' })).records).toMatchObject([
        { count: 2, lastAt: NOW + 5, first: { at: NOW } },
      ]);
    });

    it('keeps counted decisions apart from those with a record of their own', async () => {
      await add(aDecision());
      await theStore().add([{ ...countedRecordOf(aDecision()), count: 7 }], EXPIRES_AT);

      const { records } = await theStore().list({ limit: 10 });

      expect(records.map(({ count }) => count).toSorted()).toEqual([1, 7]);
      expect(records.find(({ count }) => count === 7)?.first.eventId).toBeUndefined();
    });

    it('finds by event, source, workflow, outcome and time', async () => {
      await add(
        aDecision({ at: NOW + 1, eventId: 'a' }),
        aDecision({ at: NOW + 2, eventId: 'b', workflowId: 'workflow-2' }),
        aDecision({ at: NOW + 3, eventId: 'c', outcome: 'refused', source: '/other' }),
        aDecision({ at: NOW + 4, eventId: 'd', workflowId: undefined, outcome: 'rate-limited' }),
      );

      expect(await found({})).toEqual(['d', 'c', 'b', 'a']);
      expect(await found({ eventId: 'b' })).toEqual(['b']);
      expect(await found({ eventId: 'b', outcome: 'refused' })).toEqual([]);
      expect(await found({ source: '/other' })).toEqual(['c']);
      expect(await found({ workflowId: 'workflow-1' })).toEqual(['c', 'a']);
      expect(await found({ workflowId: 'workflow-1', outcome: 'refused' })).toEqual(['c']);
      expect(await found({ outcome: 'rate-limited' })).toEqual(['d']);
      expect(await found({ since: NOW + 2, until: NOW + 3 })).toEqual(['c', 'b']);
    });

    it('finds by a source that is longer than what is kept of it', async () => {
      const source = `/${'long'.repeat(200)}`;
      await add(aDecision({ at: NOW, eventId: 'a', source }));

      expect(await found({ source, workflowId: 'workflow-1' })).toEqual(['a']);
    });

    it('finds a record by any time between its first and its last decision', async () => {
      const hour = NOW - (NOW % 3_600_000);
      await add(aDecision({ at: hour }), aDecision({ at: hour + 3_000_000 }));

      expect(await found({ since: hour + 1_000_000 })).toEqual(['e1']);
      expect(await found({ since: hour + 3_000_001 })).toEqual([]);
    });

    it('returns pages in order, also within one moment', async () => {
      await add(...['a', 'b', 'c', 'd', 'e'].map((eventId) => aDecision({ eventId })));
      const seen: unknown[] = [];
      let cursor: string | undefined;
      do {
        const page = await theStore().list({ limit: 2, cursor });
        seen.push(...page.records.map(({ first }) => first.eventId));
        cursor = page.nextCursor;
      } while (cursor !== undefined);

      expect(seen.toSorted()).toEqual(['a', 'b', 'c', 'd', 'e']);
    });

    it('rejects an invalid cursor', async () => {
      await expect(theStore().list({ limit: 1, cursor: 'x' })).rejects.toMatchObject({
        code: 'CURSOR_INVALID',
      });
    });

    it('removes the oldest beyond its size, and nothing within', async () => {
      for (let index = 0; index < 50; index += 1)
        await theStore().add(
          [recordOf(aDecision({ at: NOW + index, eventId: String(index).padStart(200, '0') }))],
          EXPIRES_AT + index,
        );
      expect(await theStore().trim(1_000_000)).toBe(0);

      const removed = await theStore().trim(10_000);

      const left = (await found({})).map(Number);
      expect(removed).toBe(50 - left.length);
      expect(left.length).toBeGreaterThan(5);
      expect(left).toEqual(Array.from(left, (_, at) => 49 - at));
    });
  });
}
