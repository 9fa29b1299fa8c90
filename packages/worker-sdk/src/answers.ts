import { headers as natsHeaders, type NatsConnection } from '@nats-io/transport-node';
import { type CloudEvent } from 'cloudevents';
import { setTimeout as delay } from 'node:timers/promises';
import { resultText } from './answer-text.js';
import { stringifyExact } from './json.js';
import { type WorkerSettings } from './options.js';
import { type AnswerKind, answerTo } from './task-event.js';

const STORED_MS_MAX = 5_000;
const PAUSE_MS_MAX = 5_000;

/** Publishes answers, and sees to it that JetStream has them. */
export class Answers {
  #progresses = 0;

  constructor(
    private readonly connection: NatsConnection,
    private readonly settings: WorkerSettings,
  ) {}

  /** Tries once: the next one tells more. Never rejects. */
  async progress(task: CloudEvent<unknown>, data: object): Promise<void> {
    this.#progresses += 1;
    const answer = answerTo(task, this.settings.queue, 'progress', data, this.#progresses);
    await this.#publish(stringifyExact(answer.toJSON())).catch(this.settings.onError);
  }

  /** Tries until it is stored, not wanted any more, or `answerMs` are over; whether it is stored. */
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

  /** @throws unless JetStream has stored it */
  async #publish(payload: string): Promise<void> {
    const { namespace, queue, group } = this.settings;
    const headers = natsHeaders();
    headers.set('content-type', 'application/cloudevents+json');
    const subject = `${namespace}.answer.${queue}.${group}`;
    const options = { headers, timeout: STORED_MS_MAX };
    const stored = await this.connection.request(subject, payload, options);
    const { error } = stored.json<{ readonly error?: { readonly description?: string } }>();
    if (error) throw new Error(`JetStream does not take the answer: ${error.description ?? ''}`);
  }
}
