/** Why an activity or a task did not succeed. `code` is stable and in docs/errors.md. */
export interface Failure {
  readonly level: 'workflow' | 'task';
  readonly code: string;
  readonly message: string;
  /** The task that caused it, for `level: 'task'`. */
  readonly task?: string;
}
