import { type Explanation } from '@app/filters';
import { type JsonValue, toJsonText } from '@app/json';
import { type DecidedClause } from '@app/persistence';

/** The first this many clauses of a filter are recorded. */
const CLAUSES_MAX = 50;
const TEXT_CHARS_MAX = 128;

/** The part of a filter's explanation that is recorded: the attributes that clauses compared, and none of the data. */
export function decidedClauses({ clauses }: Explanation): readonly DecidedClause[] {
  return clauses.slice(0, CLAUSES_MAX).map(({ path, holds, wants, saw, reason, ofData }) => ({
    path: cut(path),
    holds,
    wants: text(wants),
    ...(saw !== undefined && !ofData && { saw: text(saw) }),
    ...(reason !== undefined && { reason: cut(reason) }),
  }));
}

function text(value: JsonValue): string {
  return cut(toJsonText(value));
}

function cut(value: string): string {
  return value.length <= TEXT_CHARS_MAX ? value : `${value.slice(0, TEXT_CHARS_MAX)}…`;
}
