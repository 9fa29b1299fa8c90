import { type JsonValue } from '@app/json';
import { type Check } from './check.js';
import { type FilterSubject } from './filter-subject.js';

export interface ClauseReport extends Check {
  /** Where it is in the filter, such as `all[0].exact.type`. */
  readonly path: string;
  /** The value that it compares with, from the filter. */
  readonly wants: JsonValue;
  /** Whether what it saw is of the event's data, and not of its attributes. */
  readonly ofData: boolean;
}

/** The value that an attribute must have for a clause to hold; undefined for any. */
export interface Needs {
  readonly types?: ReadonlySet<string> | undefined;
  readonly sources?: ReadonlySet<string> | undefined;
}

/** A part of a filter, compiled. */
export interface Clause {
  readonly needs: Needs;
  holds(subject: FilterSubject): boolean;
  /** As `holds`, and reports every clause in it, also those that could not change the result. */
  explain(subject: FilterSubject, tell: (report: ClauseReport) => void): boolean;
}

const NO_NEEDS: Needs = {};

export function leaf(
  about: Pick<ClauseReport, 'path' | 'wants'> & { readonly ofData?: boolean },
  check: (subject: FilterSubject) => Check,
  needs = NO_NEEDS,
): Clause {
  const { ofData = false, ...where } = about;
  return {
    needs,
    holds: (subject) => check(subject).holds,
    explain: (subject, tell) => {
      const checked = check(subject);
      tell({ ...where, ofData, ...checked });
      return checked.holds;
    },
  };
}

export function all(clauses: readonly Clause[]): Clause {
  const [only] = clauses;
  if (only && clauses.length === 1) return only;
  return {
    needs: {
      types: clauses.find(({ needs }) => needs.types)?.needs.types,
      sources: clauses.find(({ needs }) => needs.sources)?.needs.sources,
    },
    holds: (subject) => clauses.every((clause) => clause.holds(subject)),
    explain: (subject, tell) => explained(clauses, subject, tell).every(Boolean),
  };
}

export function any(clauses: readonly Clause[]): Clause {
  return {
    needs: {
      types: unionOf(clauses.map(({ needs }) => needs.types)),
      sources: unionOf(clauses.map(({ needs }) => needs.sources)),
    },
    holds: (subject) => clauses.some((clause) => clause.holds(subject)),
    explain: (subject, tell) => explained(clauses, subject, tell).some(Boolean),
  };
}

export function not(clause: Clause): Clause {
  return {
    needs: NO_NEEDS,
    holds: (subject) => !clause.holds(subject),
    explain: (subject, tell) => !clause.explain(subject, tell),
  };
}

function explained(
  clauses: readonly Clause[],
  subject: FilterSubject,
  tell: (report: ClauseReport) => void,
): readonly boolean[] {
  return clauses.map((clause) => clause.explain(subject, tell));
}

/** Undefined if one of them is undefined: then any event may match. */
function unionOf(
  sets: readonly (ReadonlySet<string> | undefined)[],
): ReadonlySet<string> | undefined {
  const union = new Set<string>();
  for (const set of sets) {
    if (!set) return undefined;
    for (const value of set) union.add(value);
  }
  return union;
}
