import {
  DECISION_RECORD_MS,
  type DecisionRecord,
  keptText,
  mergeRecords,
} from '../../decisions/decision.js';
import {
  type DecisionPage,
  type DecisionQuery,
  DecisionStore,
} from '../../decisions/decision-store.js';
import { fromCursor, toCursor } from '../../storage/cursor.js';
import { Outage } from './outage.js';

/** The contract of `DecisionStore` in memory. */
export class MemoryDecisionStore extends DecisionStore {
  readonly outage = new Outage();
  readonly #records = new Map<string, DecisionRecord>();

  override async add(records: readonly DecisionRecord[]): Promise<void> {
    this.outage.check('write decisions');
    for (const record of records) {
      const known = this.#records.get(record.id);
      this.#records.set(
        record.id,
        known ? { ...mergeRecords(known, record), first: known.first } : record,
      );
    }
  }

  override async list(query: DecisionQuery): Promise<DecisionPage> {
    this.outage.check('list decisions');
    const found = [...this.#records.values()]
      .filter((record) => isAsked(record, query))
      .sort(newestFirst);
    const { limit, cursor } = query;
    const rest = cursor === undefined ? found : behind(found, cursor);
    const records = rest.slice(0, limit);
    const last = records.at(-1);
    if (rest.length <= limit || !last) return { records };
    return { records, nextCursor: toCursor([last.first.at, last.id]) };
  }

  override async trim(bytesMax: number): Promise<number> {
    const before = this.#records.size;
    let bytes = [...this.#records.values()].reduce((sum, one) => sum + bytesOf(one), 0);
    for (const oldest of [...this.#records.values()].sort(newestFirst).toReversed()) {
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
    (eventId === undefined || first.eventId === keptText(eventId)) &&
    (source === undefined || first.source === keptText(source)) &&
    (workflowId === undefined || first.workflowId === workflowId) &&
    (outcome === undefined || first.outcome === outcome) &&
    (since === undefined || (lastAt >= since && first.at >= since - DECISION_RECORD_MS)) &&
    (until === undefined || first.at <= until)
  );
}

function newestFirst(a: DecisionRecord, b: DecisionRecord): number {
  return b.first.at - a.first.at || (a.id < b.id ? 1 : -1);
}

function behind(found: readonly DecisionRecord[], cursor: string): readonly DecisionRecord[] {
  const [at, id] = fromCursor(cursor, ['number', 'string']) as [number, string];
  return found.filter(({ first, id: own }) => first.at < at || (first.at === at && own < id));
}

function bytesOf(record: DecisionRecord): number {
  return JSON.stringify(record).length;
}
