import { setTimeout as delay } from 'node:timers/promises';
import { waitFor } from '../../tools/project/wait-for.mjs';
import { activityIdIn, type Answer } from '../support/answer.js';
import { type CreatedWorkflow } from '../support/flow-api.js';
import { sendStructured } from '../support/send.js';
import { type Dice } from './dice.js';
import { type RequestLog } from './request-log.js';

/** An event and all that its sender was told about it. */
export interface SentEvent {
  readonly id: string;
  readonly workflowId: string;
  /** The activity that each 2xx named: the same one, if all is well. */
  readonly activityIds: readonly string[];
  /** When the first 2xx was there, in milliseconds since 1970. */
  readonly acceptedAt?: number;
  /** Final rejections, which no event here should get; and the lack of any other answer. */
  readonly rejections: readonly string[];
}

const SENDERS = 8;
/** The longest pause of a sender after an event, in milliseconds. */
const REST_MS_MAX = 400;
const REPEAT_AFTER_MS = 200;
const ANSWER_MS_MAX = 20_000;
/** The share of events that are sent twice at the same moment, as by a sender that lost patience. */
const TWICE_SHARE = 0.05;
/** An event that is not accepted so long after the load ended, when everything runs, never will be. */
const PATIENCE_MS = 60_000;
const ACCEPTING_MS_MAX = 60_000;

/**
 * Senders as they should be: each sends an event, with the same id, until it is accepted, and only
 * then the next one.
 */
export class EventSenders {
  readonly #events: SentEvent[] = [];
  readonly #running: readonly Promise<void>[];
  #stoppedAt: number | undefined;
  #next = 1;

  constructor(
    private readonly listenerUrl: string,
    private readonly workflows: readonly CreatedWorkflow[],
    private readonly dice: Dice,
    private readonly log: RequestLog,
  ) {
    this.#running = Array.from({ length: SENDERS }, () => this.#sendUntilStopped());
  }

  /** The events whose outcome their sender knows. */
  get events(): readonly SentEvent[] {
    return this.#events;
  }

  /** Waits until an event of each workflow is accepted: the listener knows them all then. */
  async untilAccepting(): Promise<void> {
    const since = Date.now();
    const accepts = ({ id }: CreatedWorkflow): boolean =>
      this.log.exchanges.some(
        ({ who, workflowId, sentAt, status }) =>
          who === 'sender' && workflowId === id && sentAt >= since && status === 202,
      );
    await waitFor(
      'an accepted event of each workflow',
      () => (this.workflows.every(accepts) ? true : undefined),
      { timeoutMs: ACCEPTING_MS_MAX },
    );
  }

  /** Resolves when each event that was begun is accepted, or given up. */
  async stop(): Promise<void> {
    this.#stoppedAt = Date.now();
    await Promise.all(this.#running);
  }

  async #sendUntilStopped(): Promise<void> {
    while (this.#stoppedAt === undefined) {
      const n = this.#next;
      this.#next += 1;
      const times = this.dice.chance(TWICE_SHARE) ? 2 : 1;
      this.#events.push(await this.#sendUntilAccepted(n, times));
      await delay(this.dice.below(REST_MS_MAX));
    }
  }

  async #sendUntilAccepted(n: number, times: number): Promise<SentEvent> {
    const workflow = this.workflows[n % this.workflows.length] as CreatedWorkflow;
    const { id: workflowId } = workflow;
    const id = `event-${n}`;
    for (;;) {
      const sending = Array.from({ length: times }, () => this.#send(id, n, workflow));
      const answers = (await Promise.all(sending)).filter((answer) => answer !== undefined);
      const activityIds = answers.filter(isReceipt).map(activityIdIn);
      const rejections = answers.filter(isFinalNo).map(textOf);
      if (activityIds.length > 0 || rejections.length > 0) {
        return { id, workflowId, activityIds, acceptedAt: Date.now(), rejections };
      }
      if (this.#isTooLate()) return { id, workflowId, activityIds, rejections: ['never accepted'] };
      await delay(REPEAT_AFTER_MS);
    }
  }

  #send(
    id: string,
    n: number,
    { id: workflowId, token }: CreatedWorkflow,
  ): ReturnType<RequestLog['note']> {
    const event = {
      specversion: '1.0',
      type: 'io.boomerang.eventing.custom',
      source: '/chaos',
      id,
      subject: `/${workflowId}`,
      data: { n },
    };
    return this.log.note({ who: 'sender', workflowId }, () =>
      sendStructured(this.listenerUrl, event, {
        token,
        signal: AbortSignal.timeout(ANSWER_MS_MAX),
      }),
    );
  }

  #isTooLate(): boolean {
    return this.#stoppedAt !== undefined && Date.now() > this.#stoppedAt + PATIENCE_MS;
  }
}

function isReceipt({ status }: Answer): boolean {
  return status === 202;
}

/** Any other answer than one that asks to come again. */
function isFinalNo({ status }: Answer): boolean {
  return status !== 202 && status < 500 && status !== 429;
}

function textOf({ status, body }: Answer): string {
  return `${status} ${JSON.stringify(body)}`;
}
