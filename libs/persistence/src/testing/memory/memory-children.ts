import { toJsonText } from '@app/json';
import { type Activity } from '../../activities/activity.js';
import { type ChildrenPage } from '../../activities/activity-store.js';
import { type RunEnd } from '../../activities/run-ends.js';
import { pageOf } from './memory-page.js';

/** One page of what a run has begun, the oldest first. */
export function childrenPage(
  rows: readonly Activity[],
  parent: string,
  page: { readonly limit: number; readonly cursor?: string },
): ChildrenPage {
  const { page: found, ...next } = pageOf(
    rows.filter((row) => row.parent?.activity === parent),
    {
      ...page,
      order: 'ascending',
      placeOf: ({ createdAt, id }) => [createdAt, id],
      kinds: ['number', 'string'],
    },
  );
  const children = found.map(({ id, workflowId, status, createdAt, parent, state }) => {
    const ended = state?.endedAt !== undefined && { endedAt: state.endedAt };
    return { id, workflowId, status, createdAt, parent, ...ended };
  });
  return { children, ...next };
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
