import { headers as natsHeaders, type MsgHdrs, type NatsConnection } from '@nats-io/transport-node';
import { type CloudEvent } from 'cloudevents';
import { setTimeout as delay } from 'node:timers/promises';
import { resultText } from './answer-text.js';
import { stringifyExact } from './json.js';
import { inboxPrefix, type WorkerSettings } from './options.js';
import { StoredPublisher } from './stored-publisher.js';
import { type AnswerKind, answerTo } from './task-event.js';

/** How long JetStream may take to acknowledge an answer, in milliseconds. */
const STORED_MS_MAX = 5_000;
/** The longest pause between two attempts to publish a result, in milliseconds. */
const PAUSE_MS_MAX = 5_000;

/** Publishes answers and waits until JetStream has stored them. */
export class Answers {
  readonly #publisher: StoredPublisher;
  readonly #headers: MsgHdrs = natsHeaders();
  #progresses = 0;

  constructor(
    private readonly connection: NatsConnection,
    private readonly settings: WorkerSettings,
  ) {
    const token = Math.random().toString(36).slice(2);
    const inbox = `${inboxPrefix(settings)}.stored-${token}`;
    this.#publisher = new StoredPublisher(connection, inbox, STORED_MS_MAX);
    this.#headers.set('content-type', 'application/cloudevents+json');
  }

  /** Fails the publications in flight: the worker has no permission to publish. */
  refuse(error: Error): void {
    this.#publisher.rejectAll(error);
  }

  close(): void {
    this.#publisher.close();
  }

  /** Publishes once: if that fails, the next progress replaces this one. Never rejects. */
  async progress(task: CloudEvent<unknown>, data: object): Promise<void> {
    this.#progresses += 1;
    const answer = answerTo(task, this.settings.queue, 'progress', data, this.#progresses);
    await this.#publish(stringifyExact(answer)).catch(this.settings.onError);
  }

  /**
   * Publishes the result until it is stored, `isWanted` is false, or `answerMs` are over.
   * @returns whether it is stored
   */
  async result(
    task: CloudEvent<unknown>,
    kind: AnswerKind,
    data: Readonly<Record<string, unknown>>,
    isWanted: () => boolean,
  ): Promise<boolean> {
    const giveUpAt = performance.now() + this.settings.answerMs;
    const bytesMax = this.connection.info?.max_payload ?? Infinity;
    const payload = resultText(task, this.settings.queue, kind, data, bytesMax);
    for (let pauseMs = 100; ; pauseMs = Math.min(2 * pauseMs, PAUSE_MS_MAX)) {
      try {
        await this.#publish(payload);
        return true;
      } catch (error) {
        this.settings.onError(error);
      }
      await delay(pauseMs);
      if (!isWanted() || performance.now() >= giveUpAt) return false;
    }
  }

  /** @throws Error if JetStream did not acknowledge the answer */
  #publish(payload: string): Promise<void> {
    const { namespace, queue, group } = this.settings;
    return this.#publisher.publish(`${namespace}.answer.${queue}.${group}`, payload, this.#headers);
  }
}
