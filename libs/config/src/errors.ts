import { FlowError, type Problem } from '@app/errors';

/**
 * One or more environment variables are missing or not usable. Each problem's `path` is the name of
 * a variable; neither the message nor the problems hold a value, because values may be secrets.
 */
export class InvalidConfigError extends FlowError {
  readonly code = 'CONFIG_INVALID';
  readonly kind = 'invalid';

  constructor(problems: readonly Problem[]) {
    const lines = problems.map(({ path, detail }) => `  ${path ?? '(all)'}: ${detail}`);
    super(['The configuration is not valid. Set these and start again:', ...lines].join('\n'), {
      problems,
    });
  }
}
