import { type Answer } from '../support/answer.js';
import { type Intrusion } from './intrusion.js';

/** One request and its answer. Times are milliseconds since 1970. */
export interface Exchange {
  readonly who: 'sender' | Intrusion;
  readonly workflowId: string;
  readonly sentAt: number;
  readonly endedAt: number;
  /** Undefined when no answer came. */
  readonly status: number | undefined;
  /** The answer says when to come again. */
  readonly retryAfter: boolean;
  /** The receipt is that of an earlier request. */
  readonly replayed: boolean;
}

/** All requests to the listener, of senders and intruders. */
export class RequestLog {
  readonly #exchanges: Exchange[] = [];

  get exchanges(): readonly Exchange[] {
    return this.#exchanges;
  }

  /** The answer; undefined when none came. */
  async note(
    { who, workflowId }: Pick<Exchange, 'who' | 'workflowId'>,
    asking: () => Promise<Answer>,
  ): Promise<Answer | undefined> {
    const sentAt = Date.now();
    const answer = await asking().catch(() => undefined);
    this.#exchanges.push({
      who,
      workflowId,
      sentAt,
      endedAt: Date.now(),
      status: answer?.status,
      retryAfter: /^\d+$/.test(answer?.headers.get('retry-after') ?? ''),
      replayed: answer?.headers.has('idempotent-replayed') ?? false,
    });
    return answer;
  }
}
