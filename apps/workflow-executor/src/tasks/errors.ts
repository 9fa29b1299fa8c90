import { FlowError } from '@app/errors';

/** A task tried to reach an address that tasks may not reach. */
export class AddressRefusedError extends FlowError {
  readonly code = 'HTTP_ADDRESS_REFUSED';
  readonly kind = 'forbidden';

  constructor(address: string) {
    super(
      `Tasks may not call "${address}": it is not a public address. ` +
        'HTTP_TASK_ALLOWED_NETWORKS names the networks that are allowed all the same.',
    );
  }
}
