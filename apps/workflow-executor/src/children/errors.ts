import { FlowError } from '@app/errors';

/** The child would be deeper in a chain of runs that began each other than allowed. */
export class ChildTooDeepError extends FlowError {
  readonly code = 'CHILD_TOO_DEEP';
  readonly kind = 'invalid';

  constructor(generationsMax: number) {
    super(
      `It would end a chain of more than ${generationsMax} runs that began one another; shorten ` +
        'the chain, or raise CHILD_GENERATIONS_MAX',
    );
  }
}

/** One run has more descendants than allowed. */
export class ChildTooManyError extends FlowError {
  readonly code = 'CHILD_TOO_MANY';
  readonly kind = 'invalid';

  constructor(root: string, descendantsMax: number) {
    super(
      `The run ${root} has ${descendantsMax} descendants, the most that are allowed; begin fewer ` +
        'runs, or raise CHILD_DESCENDANTS_MAX',
    );
  }
}

/** The workflow's trigger `task` refuses this event. */
export class ChildUnwantedError extends FlowError {
  readonly code = 'CHILD_UNWANTED';
  readonly kind = 'forbidden';

  constructor() {
    super(
      'The filter of its trigger "task" does not match; change the filter, or the parameters of the run',
    );
  }
}

/** The workflow requires parameters that the task does not give. */
export class ChildParamMissingError extends FlowError {
  readonly code = 'CHILD_PARAM_MISSING';
  readonly kind = 'invalid';

  constructor(missing: readonly string[]) {
    super(`It requires the parameters ${missing.join(', ')}; give them in "params"`);
  }
}

/** The run that a task waits for is no longer on record. */
export class ChildGoneError extends FlowError {
  readonly code = 'CHILD_GONE';
  readonly kind = 'gone';

  constructor(child: string) {
    super(`The run ${child} is no longer on record; its outcome is unknown`);
  }
}

/** No workflow has this id or name. */
export class CalledNotFoundError extends FlowError {
  readonly code = 'WORKFLOW_NOT_FOUND';
  readonly kind = 'not-found';

  constructor(ref: string) {
    super(`No workflow has the id or the name "${ref}"`);
  }
}

/** More than one workflow has this id or name. */
export class CalledAmbiguousError extends FlowError {
  readonly code = 'CHILD_AMBIGUOUS';
  readonly kind = 'conflict';

  constructor(ref: string, named: string) {
    super(
      `"${ref}" is the id of one workflow, and the name of ${named}; rename that, or call it by its id`,
    );
  }
}
