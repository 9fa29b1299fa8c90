import { FlowError } from '@app/errors';
import { type BatchedDispatch } from '@app/events';
import { type BatchSplitter } from '@app/messaging';
import { type DispatchIntake } from './dispatch-intake.js';

/** Some dispatches of a batch failed. When the message is delivered again, its dispatches are sent one by one. */
class BatchBrokenError extends FlowError {
  readonly code = 'DISPATCH_BATCH_BROKEN';
  readonly kind = 'transient';

  constructor(failed: number, of: number, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(
      `${failed} of the ${of} dispatches in a message failed; they are sent one by one when it is delivered again. ` +
        `The first error: ${reason}`,
      { cause },
    );
  }
}

/**
 * Starts the runs of dispatches that came in one message.
 *
 * 1. Each begins as if it had come alone, independent of the others.
 * 2. The message is acknowledged when each of them was taken, had begun before, or was left to other executors.
 * 3. A redelivered message starts no run: its dispatches are sent one by one, and it is acknowledged when JetStream has
 *    stored them. So each dispatch that fails or ends the process has its own count of deliveries, and becomes a dead
 *    letter alone. Dispatches that were taken before are found begun.
 */
export class BatchIntake {
  constructor(
    private readonly intake: Pick<DispatchIntake, 'take'>,
    private readonly splitter: Pick<BatchSplitter, 'split'>,
  ) {}

  /**
   * @param deliveries how often the message was delivered, from 1
   * @param settled called for each dispatch that was taken or has failed
   * @throws BatchBrokenError, DispatchFailedError: the message must be redelivered
   */
  async take(
    batch: readonly BatchedDispatch[],
    deliveries: number,
    settled: () => void,
  ): Promise<void> {
    if (deliveries > 1) return this.splitter.split(batch);
    let failed = 0;
    let first: unknown;
    const takeOne = async (one: BatchedDispatch): Promise<void> => {
      try {
        await this.intake.take({ kind: 'signed', dispatch: one.read() });
      } catch (error) {
        failed += 1;
        first ??= error;
      }
      settled();
    };
    await Promise.all(batch.map(takeOne));
    if (failed > 0) throw new BatchBrokenError(failed, batch.length, first);
  }
}
