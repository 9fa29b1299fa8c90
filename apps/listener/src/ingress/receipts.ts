import { BATCH_CONTENT_TYPE, STRUCTURED_CONTENT_TYPE } from '@app/events';
import { type JsonObject, toJsonText } from '@app/json';
import { HttpStatus } from '@nestjs/common';
import { type FastifyReply } from 'fastify';
import { type Acceptance, type Accepted } from '../acceptance/event-acceptance.js';
import { batchStatusOf } from './events/batch-entry.js';
import { type EventsReceived } from './events/events-reception.js';
import { type Received } from './events/event-reception.js';
import { type WebhookReceived } from './webhooks/webhook-reception.js';

const LAST_SLASHES = /(?<!\/)\/+$/;

/** Answers senders: what was accepted, and where its activity can be seen. */
export class Receipts {
  readonly #activitiesUrl: string;

  /** @param apiUrl the base of the API's URLs as senders see them, with or without a last slash */
  constructor(apiUrl: string) {
    this.#activitiesUrl = `${apiUrl.replace(LAST_SLASHES, '')}/api/v2/activities`;
  }

  send(reply: FastifyReply, received: Received): void {
    if (received.kind === 'event') {
      this.sendOne(reply, received.acceptance);
      return;
    }
    const { entries } = received;
    const allTaken = entries.every(({ kind }) => kind !== 'refused');
    void reply
      .status(batchStatusOf(entries))
      .header('Content-Type', allTaken ? BATCH_CONTENT_TYPE : 'application/json; charset=utf-8')
      .send(toJsonText(entries.map(({ body }) => body)));
  }

  sendEvents(reply: FastifyReply, { receipt }: EventsReceived): void {
    void reply
      .status(receipt.activities.length > 0 ? HttpStatus.ACCEPTED : HttpStatus.OK)
      .header('Content-Type', 'application/json; charset=utf-8')
      .send(toJsonText(receipt));
  }

  /** One receipt as ever, several in a list, or what the provider wants to hear. */
  sendWebhook(reply: FastifyReply, received: WebhookReceived): void {
    if (received.kind === 'check') this.#sendCheck(reply, received.body);
    else if (received.answer === 'empty') void reply.status(HttpStatus.OK).send();
    else this.sendAll(reply, received.acceptances);
  }

  sendAll(reply: FastifyReply, acceptances: readonly Acceptance[]): void {
    const [only] = acceptances;
    if (only && acceptances.length === 1) {
      this.sendOne(reply, only);
      return;
    }
    void reply
      .status(HttpStatus.ACCEPTED)
      .header('Content-Type', BATCH_CONTENT_TYPE)
      .send(toJsonText(acceptances.map(({ receipt }) => receipt)));
  }

  #sendCheck(reply: FastifyReply, body: JsonObject | undefined): void {
    void reply.status(HttpStatus.OK);
    if (body === undefined) void reply.send();
    else
      void reply.header('Content-Type', 'application/json; charset=utf-8').send(toJsonText(body));
  }

  /** 200 for what is done already, because nothing runs (CloudEvents HTTP webhook, 2.2). */
  sendOne(reply: FastifyReply, acceptance: Acceptance): void {
    if (acceptance.kind === 'accepted') this.#sendAccepted(reply, acceptance);
    else
      void reply
        .status(HttpStatus.OK)
        .header('Content-Type', STRUCTURED_CONTENT_TYPE)
        .send(toJsonText(acceptance.receipt));
  }

  #sendAccepted(reply: FastifyReply, { receipt, activityId, replayed }: Accepted): void {
    if (replayed) void reply.header('Idempotent-Replayed', 'true');
    void reply
      .status(HttpStatus.ACCEPTED)
      .header('Content-Type', STRUCTURED_CONTENT_TYPE)
      .header('Location', `${this.#activitiesUrl}/${activityId}`)
      .send(toJsonText(receipt));
  }
}
