import { FlowError, type Problem } from '@app/errors';

/** A message that came past the ingress does not say which workflow it is for. */
export class SubjectWithoutWorkflowError extends FlowError {
  readonly code = 'SUBJECT_WITHOUT_WORKFLOW';
  readonly kind = 'invalid';

  constructor(problem: Problem) {
    super(`The event's subject ${problem.detail}`, { problems: [problem] });
  }
}
