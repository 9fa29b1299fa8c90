import { FlowError } from '@app/errors';

/** A mistake of ours: a route that says not who may ask it would be open to everybody. */
export class PermissionUndeclaredError extends FlowError {
  readonly code = 'PERMISSION_UNDECLARED';
  readonly kind = 'defect';

  constructor(method: string, path: string) {
    super(
      `Nobody may ask ${method} ${path}: its handler declares no permission; ` +
        'give it @Permit, @PermitOwnServices or @PermitAnybody',
    );
  }
}
