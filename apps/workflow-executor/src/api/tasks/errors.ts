import { FlowError } from '@app/errors';

/** The activity has no task of that name, or has not begun. */
export class TaskNotFoundError extends FlowError {
  readonly code = 'TASK_NOT_FOUND';
  readonly kind = 'not-found';

  constructor(activityId: string, task: string) {
    super(`Activity "${activityId}" has no task "${task}", or has not begun`);
  }
}

/** Only a task of the type `map` has items. */
export class TaskNotAMapError extends FlowError {
  readonly code = 'TASK_NOT_A_MAP';
  readonly kind = 'not-found';

  constructor(task: string, type: string) {
    super(`Task "${task}" is of the type "${type}"; only a task of the type "map" has items`);
  }
}

/** Neither the run nor one of its tasks waits for another attempt. */
export class ActivityNotPausedError extends FlowError {
  readonly code = 'ACTIVITY_NOT_PAUSED';
  readonly kind = 'conflict';

  constructor(activityId: string) {
    super(
      `Activity "${activityId}" waits for no other attempt, of a task or of the run, so there is nothing to resume`,
    );
  }
}

/** The task is in a status that does not allow the request. */
export class TaskNotWaitingError extends FlowError {
  readonly code = 'TASK_NOT_WAITING';
  readonly kind = 'conflict';

  /** @param wanted the condition, after "a task that" */
  constructor(task: string, status: string, wanted: string) {
    super(`Task "${task}" is ${status}; only a task that ${wanted} accepts this request`);
  }
}

/** The voter has voted already. */
export class VoteGivenError extends FlowError {
  readonly code = 'VOTE_GIVEN';
  readonly kind = 'conflict';

  constructor(task: string, by: string) {
    super(`"${by}" has voted on task "${task}" already`);
  }
}

/** The task names who may vote, and the voter is not among them. */
export class VoterNotAskedError extends FlowError {
  readonly code = 'VOTER_NOT_ASKED';
  readonly kind = 'forbidden';

  /** @param who describes who may vote */
  constructor(task: string, by: string, who: string) {
    super(`Task "${task}" does not let "${by}" vote; who may vote: ${who}`);
  }
}
