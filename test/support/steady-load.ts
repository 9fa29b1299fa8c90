import { setTimeout as delay } from 'node:timers/promises';
import { waitFor } from '../../tools/project/wait-for.mjs';
import { type Answer } from './answer.js';
import { type CreatedWorkflow, type FlowApi } from './flow-api.js';
import { sendStructured } from './send.js';

/** Requests that are open at the same time. */
const SENDERS = 4;
/** The pause of each sender after an answer, in milliseconds, so that a test has some hundred events. */
const REST_MS = 150;

/** An event that was sent, and what came back. */
export interface Sent {
  /** Its data is `{"n": …}`, so that tasks can pass it on. */
  readonly n: number;
  /** Absent when the connection was lost: the outcome is then unknown to the sender. */
  readonly answer?: Answer;
}

/** Sends events to one workflow, a few at a time and each once, until it is stopped. */
export class SteadyLoad {
  readonly #sent: Sent[] = [];
  readonly #senders: readonly Promise<void>[];
  #begun = 0;
  #stopped = false;

  constructor(
    private readonly listenerUrl: string,
    private readonly workflow: CreatedWorkflow,
  ) {
    this.#senders = Array.from({ length: SENDERS }, () => this.#sendUntilStopped());
  }

  get sent(): readonly Sent[] {
    return this.#sent;
  }

  answeredWith(status: number): readonly Sent[] {
    return this.#sent.filter(({ answer }) => answer?.status === status);
  }

  /** The number of each accepted event, with the id of its activity. */
  get accepted(): ReadonlyMap<number, string> {
    return new Map(this.answeredWith(202).map(({ n, answer }) => [n, activityIdOf(answer)]));
  }

  /** Waits until `count` more events were answered with `status` than when it is called. */
  async untilAnswered(status: number, count: number): Promise<void> {
    const before = this.answeredWith(status).length;
    await waitFor(`${count} more answers ${status}`, () =>
      this.answeredWith(status).length >= before + count ? true : undefined,
    );
  }

  /** Waits until all activities of accepted events have ended. Returns their number by status: `{ succeeded: 120 }`. */
  async ends(api: FlowApi): Promise<Readonly<Record<string, number>>> {
    const ends: Record<string, number> = {};
    const ids = this.accepted.values();
    for (const status of (await api.untilAllFinal(this.workflow.id, ids)).values())
      ends[status] = (ends[status] ?? 0) + 1;
    return ends;
  }

  /** Resolves when the last answer is in. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#senders);
  }

  async #sendUntilStopped(): Promise<void> {
    while (!this.#stopped) {
      this.#begun += 1;
      await this.#send(this.#begun);
      await delay(REST_MS);
    }
  }

  async #send(n: number): Promise<void> {
    const event = {
      specversion: '1.0',
      type: 'io.boomerang.eventing.custom',
      source: '/steady-load',
      id: String(n),
      subject: `/${this.workflow.id}`,
      data: { n },
    };
    const answer = await sendStructured(this.listenerUrl, event, this.workflow).catch(
      () => undefined,
    );
    this.#sent.push({ n, ...(answer && { answer }) });
  }
}

function activityIdOf(answer: Answer | undefined): string {
  return (answer?.body as { readonly activityid: string }).activityid;
}
