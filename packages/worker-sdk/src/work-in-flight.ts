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
 * H1. The lease is renewed until the attempt ends: while the handler works and while its answer is published.
 * H2. The task is acknowledged only after JetStream has stored the answer, so a worker that dies in between loses
 *     nothing. If the answer is not stored within `answerMs`, the task is given back.
 * H3. A cancelled attempt is acknowledged without an answer. A task that is given back is neither answered nor
 *     acknowledged.
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

  /** The task was delivered again because its lease ran out. The new message is the one to acknowledge. */
  comesAgain(message: Msg): void {
    this.message = message;
    message.respond('+WPI');
  }

  /** Aborts the handler; its result is not published. */
  cancel(): void {
    this.#end('cancelled', 'The task is cancelled');
  }

  /** Aborts the handler and gives the task back, so that another worker gets it at once. */
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
      else if (this.#end('given-back', 'The answer is not stored')) this.message.respond('-NAK');
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
