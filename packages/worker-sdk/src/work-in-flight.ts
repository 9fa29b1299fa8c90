import { type Msg } from '@nats-io/transport-node';
import { type CloudEvent } from 'cloudevents';
import { type Answers } from './answers.js';
import { failureOf } from './errors.js';
import { type WorkerSettings } from './options.js';
import { ProgressReport } from './progress-report.js';
import { type Handler, type Task } from './task.js';

type Outcome = Readonly<Record<string, unknown>>;

/**
 * One attempt that this worker has in flight.
 *
 * H1. While it works, the lease is renewed; so it is while the answer is on its way.
 * H2. The task is acknowledged only after the answer is stored: who dies between loses nothing. One whose answer
 *     nobody stores for long is given back.
 * H3. What nobody wants any more is acknowledged without an answer, and what is given back is neither.
 */
export class WorkInFlight {
  readonly #abort = new AbortController();
  readonly #progress: ProgressReport;
  #ended: 'no' | 'cancelled' | 'given-back' = 'no';

  constructor(
    private message: Msg,
    private readonly event: CloudEvent<{ readonly input: unknown }>,
    private readonly answers: Answers,
    private readonly settings: WorkerSettings,
  ) {
    this.#progress = new ProgressReport((data) => answers.progress(event, data));
  }

  /** It came once more: its lease had run out, and this is the message that counts now. */
  comesAgain(message: Msg): void {
    this.message = message;
    message.respond('+WPI');
  }

  /** Nobody wants it any more. */
  cancel(): void {
    this.#end('cancelled', 'The task is cancelled');
  }

  /** Another worker may have it at once. */
  giveBack(): void {
    if (this.#end('given-back', 'The worker stops')) this.message.respond('-NAK');
  }

  /** Never rejects. */
  async run(handler: Handler): Promise<void> {
    const lease = setInterval(() => {
      this.message.respond('+WPI');
    }, this.settings.leaseMs / 3);
    try {
      const [kind, data] = await this.#outcome(handler);
      await this.#progress.close();
      const isWanted = (): boolean => this.#ended === 'no';
      const isStored = isWanted() && (await this.answers.result(this.event, kind, data, isWanted));
      if (isStored || this.#ended === 'cancelled') this.message.respond('+ACK');
      else if (this.#end('given-back', 'The answer is not taken')) this.message.respond('-NAK');
    } catch (error) {
      this.settings.onError(error);
    } finally {
      clearInterval(lease);
    }
  }

  async #outcome(handler: Handler): Promise<['succeeded' | 'failed', Outcome]> {
    try {
      const results = await handler(this.#task());
      return ['succeeded', { results: results ?? {} }];
    } catch (error) {
      return ['failed', failureOf(error)];
    }
  }

  #end(how: 'cancelled' | 'given-back', why: string): boolean {
    if (this.#ended !== 'no') return false;
    this.#ended = how;
    this.#abort.abort(new Error(why));
    return true;
  }

  #task(): Task {
    const { event } = this;
    const { activityid, taskname, attempt, idempotencykey, traceparent } = event;
    return {
      input: event.data?.input,
      event,
      activityId: String(activityid),
      name: String(taskname),
      attempt: Number(attempt),
      idempotencyKey: String(idempotencykey),
      ...(typeof traceparent === 'string' && { traceparent }),
      signal: this.#abort.signal,
      progress: (progress) => {
        this.#progress.tell(progress);
      },
      log: (line) => {
        this.#progress.log(line);
      },
    };
  }
}
