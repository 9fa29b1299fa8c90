import { toJsonText } from '@app/json';
import { type Activity } from '../../activities/activity.js';
import { type ChildrenPage } from '../../activities/activity-store.js';
import { type RunEnd } from '../../activities/run-ends.js';
import { fromCursor, toCursor } from '../../storage/cursor.js';

/** What a run has begun, by sorting all of it. */
export function childrenPage(
  rows: readonly Activity[],
  parent: string,
  page: { readonly limit: number; readonly cursor?: string },
): ChildrenPage {
  const [at, id] = page.cursor === undefined ? [] : fromCursor(page.cursor, ['number', 'string']);
  const isBehind = (row: Activity): boolean =>
    at === undefined || row.createdAt > Number(at) || (row.createdAt === at && row.id > String(id));
  const all = rows
    .filter((row) => row.parent?.activity === parent && isBehind(row))
    .sort((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1));
  const found = all.slice(0, page.limit);
  const children = found.map(({ id, workflowId, status, createdAt, parent, state }) => {
    const ended = state?.endedAt !== undefined && { endedAt: state.endedAt };
    return { id, workflowId, status, createdAt, parent, ...ended };
  });
  const last = children.at(-1);
  return all.length > found.length && last
    ? { children, nextCursor: toCursor([last.createdAt, last.id]) }
    : { children };
}

/** What is told of its end; the bytes of its results are those of its JSON. */
export function endOf(
  { id, status, parent, failure, state }: Activity,
  resultsBytesMax: number,
): RunEnd {
  const results = state?.results ?? {};
  const resultsBytes = Buffer.byteLength(toJsonText(results));
  return {
    ...{ id, status, isBegun: state !== undefined, resultsBytes },
    ...(parent && { parent }),
    ...(failure && { failure }),
    ...(resultsBytes <= resultsBytesMax && { results }),
  };
}
