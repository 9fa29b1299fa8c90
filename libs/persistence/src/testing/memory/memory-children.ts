import { toJsonText } from '@app/json';
import { type Activity } from '../../activities/activity.js';
import { type ChildrenPage } from '../../activities/activity-store.js';
import { type RunEnd } from '../../activities/run-ends.js';
import { pageOf } from './memory-page.js';

/** One page of the runs that a run has begun, oldest first. */
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

/** The facts about the end of a run that its parent gets; its results count with the bytes of their JSON. */
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
