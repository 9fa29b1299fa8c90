import { FlowError, type Problem } from '@app/errors';

/** This build can't compile a stored filter, so it is unknown whether the filter takes the event. */
export class FilterUnreadableError extends FlowError {
  readonly code = 'FILTER_UNREADABLE';
  readonly kind = 'transient';

  constructor(problems: readonly Problem[]) {
    const [first] = problems;
    const what = first ? ` (${first.path ?? 'filter'} ${first.detail})` : '';
    super(`The filter of the trigger can't be read by this release${what}`, {
      retryAfterSeconds: 60,
    });
  }
}
