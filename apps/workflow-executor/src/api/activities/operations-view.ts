import { type Operation } from '@app/workflow-engine';
import { isoTime } from '../iso-time.js';

/** What an operator did: `retried`, `succeeded`, `failed`, `skipped` of a task; `resumed`, `cancelled` of the run. */
export type OperationView = Omit<Operation, 'at'> & {
  /** ISO 8601 in UTC. */
  readonly at: string;
};

export function operationsView(
  operations: readonly Operation[] | undefined,
): readonly OperationView[] | undefined {
  return operations?.map((one) => ({ ...one, at: isoTime(one.at) }));
}
