import { FlowError, type Problem } from '@app/errors';
import { type TaskStatus } from './state/activity-state.js';

/** A workflow definition can't be run; `problems` lists everything that is wrong with it. */
export class DefinitionInvalidError extends FlowError {
  readonly code = 'DEFINITION_INVALID';
  readonly kind = 'invalid';

  constructor(problems: readonly Problem[]) {
    super(`The workflow definition has ${problems.length} problem(s)`, { problems });
  }
}

/** The engine tried to move a task against its own transition table. */
export class TransitionIllegalError extends FlowError {
  readonly code = 'TRANSITION_ILLEGAL';
  readonly kind = 'defect';

  constructor(
    readonly task: string,
    readonly from: TaskStatus,
    readonly to: TaskStatus,
  ) {
    super(`Task "${task}" can't go from ${from} to ${to}`);
  }
}
