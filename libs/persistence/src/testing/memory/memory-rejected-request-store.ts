import {
  type RejectedRequest,
  RejectedRequestStore,
} from '../../rejected-requests/rejected-request-store.js';
import { type MemoryActivityStore } from './memory-activity-store.js';

/** The contract of `RejectedRequestStore` in memory: each request is stored when `add` returns. */
export class MemoryRejectedRequestStore extends RejectedRequestStore {
  readonly #countsOfDays = new Map<string, number>();

  constructor(private readonly activities: MemoryActivityStore) {
    super();
  }

  override add({ at, workflowId, trigger, code, message, ...facts }: RejectedRequest): void {
    const day = new Date(at).toISOString().slice(0, 10);
    const kind = [workflowId, trigger, code, day].join(' ');
    const count = (this.#countsOfDays.get(kind) ?? 0) + 1;
    this.#countsOfDays.set(kind, count);
    const id = `rejected ${kind} ${recordOf(count)}`;
    const known = this.activities.peek(id);
    const refusal = known?.refusal ?? { count: 0, firstAt: at, lastAt: at, ...shortened(facts) };
    this.activities.put({
      ...{ id, workflowId, workflowRevision: 0, trigger, status: 'failed', inbox: [] },
      lockVersion: (known?.lockVersion ?? 0) + 1,
      createdAt: known?.createdAt ?? at,
      failure: { level: 'workflow', code, message },
      refusal: {
        ...refusal,
        count: refusal.count + 1,
        firstAt: Math.min(refusal.firstAt, at),
        lastAt: Math.max(refusal.lastAt, at),
      },
    });
  }

  override async flush(): Promise<void> {
    // `add` has stored everything already.
  }
}

/** The number of the record: 0 for the first request of a day, then one for each power of ten; 8 in all. */
function recordOf(count: number): number {
  return [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, Infinity].findIndex((to) => count <= to);
}

function shortened<Facts extends object>(facts: Facts): Facts {
  const short = Object.entries(facts).map(([name, text]) => [name, String(text).slice(0, 256)]);
  return Object.fromEntries(short) as Facts;
}
