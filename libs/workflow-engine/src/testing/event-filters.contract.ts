import { type JsonObject, type JsonValue } from '@app/json';
import { type EventFilterCompiler, type FilteredEvent } from '../task-types/event-filter.js';

const SENT: FilteredEvent = {
  attributes: { topic: 'paid', status: 'succeeded', correlationid: 'A-7' },
  data: 12,
};
const BARE: FilteredEvent = { attributes: { topic: 'paid', status: 'failed' } };

/** The contract of an `EventFilterCompiler`. */
export function describeEventFilters(filters: EventFilterCompiler): void {
  function isMatched(filter: JsonValue, event = SENT): boolean {
    const compiled = filters(filter, 'filter');
    if (compiled.kind === 'invalid') throw new Error(JSON.stringify(compiled.problems));
    return compiled.matches(event);
  }
  const ofData = (value: JsonValue): JsonValue => ({
    conditions: [{ field: '$.data', operation: 'equals', value }],
  });

  describe('filters of events that tasks wait for', () => {
    it('see topic, status and correlation key as attributes', () => {
      const attributes = { topic: 'paid', status: 'succeeded', correlationid: 'A-7' };
      expect(isMatched({ exact: attributes })).toBe(true);
      for (const name of Object.keys(attributes)) {
        expect([name, isMatched({ exact: { ...attributes, [name]: 'other' } })]).toEqual([
          name,
          false,
        ]);
      }
      expect(isMatched({ exact: { status: 'failed' } }, BARE)).toBe(true);
    });

    it('see every attribute that a CloudEvent brings', () => {
      const attributes = { ...SENT.attributes, type: 'com.pay.settled', region: 'eu' };
      const isOf = (exact: JsonObject): boolean => isMatched({ exact }, { attributes });
      expect(isOf({ type: 'com.pay.settled', region: 'eu', topic: 'paid' })).toBe(true);
      expect([isOf({ type: 'com.pay' }), isOf({ region: 'us' })]).toEqual([false, false]);
      expect(isMatched({ exact: { type: 'com.pay.settled' } })).toBe(false);
    });

    it('do not match what an event does not have', () => {
      expect(isMatched({ exact: { correlationid: 'A-7' } }, BARE)).toBe(false);
      expect(isMatched(ofData(12), BARE)).toBe(false);
    });

    it('see data, which no attribute is', () => {
      expect([isMatched(ofData(12)), isMatched(ofData(13))]).toEqual([true, false]);
    });

    it('are refused with the path of each problem', () => {
      const paths = (filter: JsonValue): readonly (string | undefined)[] => {
        const compiled = filters(filter, 'at[0].filter');
        return compiled.kind === 'invalid' ? compiled.problems.map(({ path }) => path) : [];
      };
      expect(paths('paid')).toEqual(['at[0].filter']);
      expect(paths({})).toEqual(['at[0].filter']);
      expect(paths({ exakt: { topic: 'paid' } })).toEqual(['at[0].filter.exakt']);
      expect(paths({ exact: { 'to.pic': 'paid' } })).toEqual(['at[0].filter.exact.to.pic']);
      expect(paths({ exact: { topic: '', status: 7 } })).toEqual([
        'at[0].filter.exact.topic',
        'at[0].filter.exact.status',
      ]);
    });
  });
}
