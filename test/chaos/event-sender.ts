import { setTimeout as delay } from 'node:timers/promises';
import { type Answer } from '../support/answer.js';
import { type CreatedWorkflow } from '../support/flow-api.js';
import { sendStructured } from '../support/send.js';
import { type Dice } from './dice.js';

/** An event and all that its sender was told about it. */
export interface SentEvent {
  readonly id: string;
  readonly workflowId: string;
  /** The activity that each 2xx named: the same one, if all is well. */
  readonly activityIds: readonly string[];
  /** Answers that say no for good, which no event here deserves. */
  readonly refusals: readonly string[];
}

export interface SendFigures {
  /** Requests, repetitions included. */
  requests: number;
  accepted: number;
  /** 2xx that repeat the receipt of an earlier one. */
  replayed: number;
  /** 5xx and 429: the sender is to come again. */
  refusedForNow: number;
  unanswered: number;
}

const SENDERS = 8;
/** What a sender rests after an event, in milliseconds, at most. */
const REST_MS_MAX = 200;
const REPEAT_AFTER_MS = 200;
const ANSWER_MS_MAX = 20_000;
/** The share of events that are sent twice at the same moment, as by a sender that lost patience. */
const TWICE_SHARE = 0.05;

/**
 * Senders as they should be: each sends an event, with the same id, until it is accepted, and only
 * then the next one.
 */
export class EventSenders {
  readonly #events: SentEvent[] = [];
  readonly #running: readonly Promise<void>[];
  #stopped = false;
  #next = 1;

  readonly figures: SendFigures = {
    requests: 0,
    accepted: 0,
    replayed: 0,
    refusedForNow: 0,
    unanswered: 0,
  };

  constructor(
    private readonly listenerUrl: string,
    private readonly workflows: readonly CreatedWorkflow[],
    private readonly dice: Dice,
  ) {
    this.#running = Array.from({ length: SENDERS }, () => this.#sendUntilStopped());
  }

  /** Those that were accepted. */
  get events(): readonly SentEvent[] {
    return this.#events;
  }

  /** Resolves when each event that was begun is accepted. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#running);
  }

  async #sendUntilStopped(): Promise<void> {
    while (!this.#stopped) {
      const n = this.#next;
      this.#next += 1;
      const times = this.dice.chance(TWICE_SHARE) ? 2 : 1;
      this.#events.push(await this.#sendUntilAccepted(n, times));
      await delay(this.dice.below(REST_MS_MAX));
    }
  }

  async #sendUntilAccepted(n: number, times: number): Promise<SentEvent> {
    const workflow = this.workflows[n % this.workflows.length] as CreatedWorkflow;
    const event = {
      specversion: '1.0',
      type: 'io.boomerang.eventing.custom',
      source: '/chaos',
      id: `event-${n}`,
      subject: `/${workflow.id}`,
      data: { n },
    };
    const send = (): Promise<Answer | undefined> =>
      sendStructured(this.listenerUrl, event, {
        token: workflow.token,
        signal: AbortSignal.timeout(ANSWER_MS_MAX),
      }).catch(() => undefined);
    const refusals: string[] = [];
    for (;;) {
      const answers = await Promise.all(Array.from({ length: times }, send));
      const accepted = answers.flatMap((answer) => this.#count(answer, refusals));
      if (accepted.length > 0 || refusals.length > 0) {
        const activityIds = accepted.map(activityIdIn);
        return { id: event.id, workflowId: workflow.id, activityIds, refusals };
      }
      await delay(REPEAT_AFTER_MS);
    }
  }

  /** The answer again, if it is a 2xx. */
  #count(answer: Answer | undefined, refusals: string[]): readonly Answer[] {
    this.figures.requests += 1;
    if (answer === undefined) {
      this.figures.unanswered += 1;
      return [];
    }
    const { status, headers, body } = answer;
    if (status === 202) {
      if (headers.has('idempotent-replayed')) this.figures.replayed += 1;
      else this.figures.accepted += 1;
      return [answer];
    }
    if (status >= 500 || status === 429) this.figures.refusedForNow += 1;
    else refusals.push(`${status} ${JSON.stringify(body)}`);
    return [];
  }
}

function activityIdIn({ body }: Answer): string {
  return (body as { readonly activityid: string }).activityid;
}
