import { type CloudEvent } from '@app/events';
import { isJsonContainer, type JsonValue } from '@app/json';
import { type Clause, type ClauseReport, type Needs } from './clause.js';
import { FilterSubject } from './filter-subject.js';

/** A report shows at most this much of what a clause wants and saw. */
const SHOWN_CHARS_MAX = 256;

export interface Explanation {
  readonly matches: boolean;
  /** Every clause, in the filter's order. */
  readonly clauses: readonly ClauseReport[];
}

/** A compiled filter, used for any number of events. It never throws. */
export class EventFilter {
  constructor(private readonly clause: Clause) {}

  /** What an event must have to match at all, so that most filters need not be evaluated. */
  get needs(): Needs {
    return this.clause.needs;
  }

  matches(event: CloudEvent | FilterSubject): boolean {
    return this.clause.holds(subjectOf(event));
  }

  /** Long values are cut; objects and lists are shown only as such. */
  explain(event: CloudEvent | FilterSubject): Explanation {
    const clauses: ClauseReport[] = [];
    const matches = this.clause.explain(subjectOf(event), (report) => {
      const { saw, ...facts } = report;
      clauses.push(saw === undefined ? facts : { ...facts, saw: shown(saw) });
    });
    return { matches, clauses };
  }
}

function subjectOf(event: CloudEvent | FilterSubject): FilterSubject {
  return event instanceof FilterSubject ? event : new FilterSubject(event);
}

function shown(value: JsonValue): JsonValue {
  if (isJsonContainer(value)) return Array.isArray(value) ? '(a list)' : '(an object)';
  if (typeof value !== 'string' || value.length <= SHOWN_CHARS_MAX) return value;
  return `${value.slice(0, SHOWN_CHARS_MAX)}…`;
}
