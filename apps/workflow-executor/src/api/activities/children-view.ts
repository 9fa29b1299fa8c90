import { type ChildActivity } from '@app/persistence';
import { isoTime, isoTimeIf } from '../iso-time.js';
import { parentView, type ParentView } from './activity-view.js';

/** A run that another one began, with only its outcome. Times are ISO 8601 in UTC. */
export interface ChildView {
  readonly id: string;
  readonly workflowId: string;
  readonly parent: ParentView | undefined;
  readonly status: string;
  readonly createdAt: string;
  readonly endedAt: string | undefined;
}

export function childView(child: ChildActivity): ChildView {
  const { id, workflowId, parent, status, createdAt, endedAt } = child;
  return {
    id,
    workflowId,
    parent: parentView(parent),
    status,
    createdAt: isoTime(createdAt),
    endedAt: isoTimeIf(endedAt),
  };
}
