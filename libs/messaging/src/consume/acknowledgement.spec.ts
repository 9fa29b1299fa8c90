import { type ErrorKind, FlowError } from '@app/errors';
import { acknowledgementOf, type RedeliveryPolicy } from './acknowledgement.js';

class AnError extends FlowError {
  readonly code = 'AN_ERROR';

  constructor(
    readonly kind: ErrorKind,
    retryAfterSeconds?: number,
  ) {
    super('for a test', retryAfterSeconds === undefined ? {} : { retryAfterSeconds });
  }
}

const policy: RedeliveryPolicy = { deliveriesMax: 5, backoffBaseMs: 1_000, backoffCapMs: 5_000 };

describe(acknowledgementOf.name, () => {
  it.each<ErrorKind>([
    'invalid',
    'unauthenticated',
    'forbidden',
    'gone',
    'not-found',
    'too-large',
    'unsupported-media-type',
  ])('gives up at once on what is %s', (kind) => {
    expect(acknowledgementOf(new AnError(kind), 1, policy)).toEqual({ do: 'dead-letter' });
  });

  it.each<ErrorKind>(['conflict', 'rate-limited', 'timeout', 'overloaded', 'transient', 'defect'])(
    'tries again what is %s, and gives up at the last delivery',
    (kind) => {
      expect(acknowledgementOf(new AnError(kind), 4, policy)).toMatchObject({ do: 'nak' });
      expect(acknowledgementOf(new AnError(kind), 5, policy)).toEqual({ do: 'dead-letter' });
    },
  );

  it.each([new TypeError('a bug'), 'a string', undefined])('tries again on %p', (error) => {
    expect(acknowledgementOf(error, 1, policy)).toEqual({ do: 'nak', delayMs: 1_000 });
  });

  it('doubles the delay with each delivery, up to the cap', () => {
    const delays = [1, 2, 3, 4].map((deliveries) => acknowledgementOf(null, deliveries, policy));

    expect(delays).toEqual([1_000, 2_000, 4_000, 5_000].map((delayMs) => ({ do: 'nak', delayMs })));
  });

  it('waits as long as the error asks for, where that is longer', () => {
    const busy = new AnError('overloaded', 30);

    expect(acknowledgementOf(busy, 1, policy)).toEqual({ do: 'nak', delayMs: 30_000 });
  });

  it('does not wait as long as senders should for a store that is gone, because it may be back at once', () => {
    const away = new AnError('transient', 30);

    expect(acknowledgementOf(away, 1, policy)).toEqual({ do: 'nak', delayMs: 1_000 });
  });

  it('gives up when the limit was lowered below what was delivered', () => {
    expect(acknowledgementOf(null, 9, policy)).toEqual({ do: 'dead-letter' });
  });
});
