import { type DecisionRecord } from '../../decisions/decision.js';
import {
  type DecisionPage,
  type DecisionQuery,
  DecisionStore,
} from '../../decisions/decision-store.js';
import { pageOf } from './memory-page.js';
import { Outage } from './outage.js';

const HOUR_MS = 3_600_000;

/** The contract of `DecisionStore` in memory. */
export class MemoryDecisionStore extends DecisionStore {
  readonly outage = new Outage();
  readonly #records = new Map<string, DecisionRecord>();

  override async add(records: readonly DecisionRecord[]): Promise<void> {
    this.outage.check('write decisions');
    for (const record of records) {
      const known = this.#records.get(record.id);
      const merged = known && {
        ...known,
        count: known.count + record.count,
        lastAt: Math.max(known.lastAt, record.lastAt),
      };
      this.#records.set(record.id, merged ?? record);
    }
  }

  override async list(query: DecisionQuery): Promise<DecisionPage> {
    this.outage.check('list decisions');
    const asked = [...this.#records.values()].filter((record) => isAsked(record, query));
    const { page: records, ...next } = pageOf(asked, {
      ...query,
      order: 'descending',
      placeOf: ({ first, id }) => [first.at, id],
      kinds: ['number', 'string'],
    });
    return { records, ...next };
  }

  override async trim(bytesMax: number): Promise<number> {
    const before = this.#records.size;
    let bytes = [...this.#records.values()].reduce((sum, one) => sum + bytesOf(one), 0);
    const oldestFirst = [...this.#records.values()].sort((a, b) => a.first.at - b.first.at);
    for (const oldest of oldestFirst) {
      if (bytes <= bytesMax) break;
      bytes -= bytesOf(oldest);
      this.#records.delete(oldest.id);
    }
    return before - this.#records.size;
  }
}

function isAsked({ first, lastAt }: DecisionRecord, query: DecisionQuery): boolean {
  const { eventId, source, workflowId, outcome, since, until } = query;
  return (
    (eventId === undefined || first.eventId === eventId.slice(0, 256)) &&
    (source === undefined || first.source === source.slice(0, 256)) &&
    (workflowId === undefined || first.workflowId === workflowId) &&
    (outcome === undefined || first.outcome === outcome) &&
    (since === undefined || (lastAt >= since && first.at >= since - HOUR_MS)) &&
    (until === undefined || first.at <= until)
  );
}

function bytesOf(record: DecisionRecord): number {
  return JSON.stringify(record).length;
}
