import fc from 'fast-check';
import { RETRY_DELAY_MS_MAX } from '../../bounds.js';
import { type RetryPolicy } from '../../definition/definition.js';
import { retryDelayMs } from './retry-delay.js';

const FIXED: RetryPolicy = { attemptsMax: 10, backoff: 'fixed', delayMs: 100, delayMsMax: 1_000 };
const DOUBLING: RetryPolicy = {
  attemptsMax: 10,
  backoff: 'exponential',
  delayMs: 100,
  delayMsMax: 1_000,
};
const LIST: RetryPolicy = { attemptsMax: 10, backoff: 'list', delaysMs: [7, 900, 20] };
const attempt = (number: number, retryAfterMs?: number): Parameters<typeof retryDelayMs>[1] => ({
  task: 'call',
  attempt: number,
  startedAt: 5,
  ...(retryAfterMs !== undefined && { retryAfterMs }),
});

describe(retryDelayMs.name, () => {
  it.each([
    ['stays the same when fixed', FIXED, attempt(5), 100],
    ['starts with the first delay', DOUBLING, attempt(1), 100],
    ['doubles', DOUBLING, attempt(3), 400],
    ['is bounded', DOUBLING, attempt(99), 1_000],
    ['starts with the first of a list', LIST, attempt(1), 7],
    ['goes on with the next of a list', LIST, attempt(2), 900],
    ['stays with the last of a list', LIST, attempt(9), 20],
    ['gives the callee what it asks for', DOUBLING, attempt(1, 5_000), 5_000],
    ['is not shorter because the callee asks', DOUBLING, attempt(3, 1), 400],
    ['does not wait for ever', DOUBLING, attempt(1, 1e15), RETRY_DELAY_MS_MAX],
  ])('%s', (_what, policy, failed, delayMs) => {
    expect(retryDelayMs(policy, failed)).toBe(delayMs);
  });

  it('spreads by no more than the jitter, the same way each time', () => {
    const inputs = [
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.nat(),
      fc.integer({ min: 1, max: 3 }),
    ] as const;
    fc.assert(
      fc.property(...inputs, (jitter, startedAt, number) => {
        const failed = { ...attempt(number), startedAt };
        const delayMs = retryDelayMs({ ...FIXED, jitter }, failed);

        expect(delayMs).toBeGreaterThanOrEqual(Math.max(1, Math.floor(100 * (1 - jitter))));
        expect(delayMs).toBeLessThanOrEqual(Math.ceil(100 * (1 + jitter)));
        expect(retryDelayMs({ ...FIXED, jitter }, failed)).toBe(delayMs);
      }),
    );
  });

  it('spreads runs that failed at different instants', () => {
    const delays = Array.from({ length: 50 }, (_, startedAt) =>
      retryDelayMs({ ...FIXED, jitter: 1 }, { ...attempt(1), startedAt }),
    );

    expect(new Set(delays).size).toBeGreaterThan(25);
  });
});
