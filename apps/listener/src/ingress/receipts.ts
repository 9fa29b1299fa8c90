import { BATCH_CONTENT_TYPE, STRUCTURED_CONTENT_TYPE } from '@app/events';
import { type JsonObject, toJsonText } from '@app/json';
import { HttpStatus } from '@nestjs/common';
import { type FastifyReply } from 'fastify';
import { type Acceptance, type Accepted } from '../acceptance/event-acceptance.js';
import { batchStatusOf } from './events/batch-entry.js';
import { type EventsReceived } from './events/events-reception.js';
import { wantsReceipt } from './preference.js';
import { type Received } from './events/event-reception.js';
import { type WebhookReceived } from './webhooks/webhook-reception.js';

const JSON_CONTENT_TYPE = 'application/json; charset=utf-8';
const LAST_SLASHES = /(?<!\/)\/+$/;

interface Check {
  readonly body?: JsonObject;
  readonly text?: string | undefined;
}

/** Answers senders with receipts and with the URL of the activity. */
export class Receipts {
  readonly #activitiesUrl: string;

  /** @param apiUrl the base of the API's URLs as senders see it, with or without a slash at its end */
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
    const text = toJsonText(entries.map(({ body }) => body));
    void reply.status(batchStatusOf(entries));
    if (allTaken) this.#sendReceipt(reply, BATCH_CONTENT_TYPE, text);
    else void reply.header('Content-Type', JSON_CONTENT_TYPE).send(text);
  }

  sendEvents(reply: FastifyReply, { receipt }: EventsReceived): void {
    const isTaken = receipt.activities.length > 0 || receipt.signalled || receipt.kept;
    void reply.status(isTaken ? HttpStatus.ACCEPTED : HttpStatus.OK);
    this.#sendReceipt(reply, JSON_CONTENT_TYPE, toJsonText(receipt));
  }

  /** Answers with one receipt, with a list of several, or as the provider expects. */
  sendWebhook(reply: FastifyReply, received: WebhookReceived): void {
    if (received.kind === 'check') this.sendCheck(reply, received);
    else if (received.answer === 'empty') void reply.status(HttpStatus.OK).send();
    else this.sendAll(reply, received.acceptances);
  }

  sendAll(reply: FastifyReply, acceptances: readonly Acceptance[]): void {
    const [only] = acceptances;
    if (only && acceptances.length === 1) {
      this.sendOne(reply, only);
      return;
    }
    const text = toJsonText(acceptances.map(({ receipt }) => receipt));
    this.#sendReceipt(reply.status(HttpStatus.ACCEPTED), BATCH_CONTENT_TYPE, text);
  }

  /** Repeats the sender's challenge, as JSON or plain text, so that no browser interprets it as a page. */
  sendCheck(reply: FastifyReply, { body, text }: Check): void {
    void reply.status(HttpStatus.OK).header('X-Content-Type-Options', 'nosniff');
    if (body) void reply.header('Content-Type', JSON_CONTENT_TYPE).send(toJsonText(body));
    else if (text === undefined) void reply.send();
    else void reply.header('Content-Type', 'text/plain; charset=utf-8').send(text);
  }

  /** Answers one event: 200 if nothing runs (CloudEvents HTTP webhook, 2.2), else 202. */
  sendOne(reply: FastifyReply, acceptance: Acceptance): void {
    if (acceptance.kind === 'accepted') this.#sendAccepted(reply, acceptance);
    else if (acceptance.kind === 'signalled') {
      if (acceptance.replayed) void reply.header('Idempotent-Replayed', 'true');
      const text = toJsonText(acceptance.receipt);
      this.#sendReceipt(reply.status(HttpStatus.ACCEPTED), JSON_CONTENT_TYPE, text);
    } else {
      const text = toJsonText(acceptance.receipt);
      this.#sendReceipt(reply.status(HttpStatus.OK), STRUCTURED_CONTENT_TYPE, text);
    }
  }

  #sendAccepted(reply: FastifyReply, { receipt, activityId, replayed }: Accepted): void {
    if (replayed) void reply.header('Idempotent-Replayed', 'true');
    void reply
      .status(HttpStatus.ACCEPTED)
      .header('Location', `${this.#activitiesUrl}/${activityId}`);
    this.#sendReceipt(reply, STRUCTURED_CONTENT_TYPE, toJsonText(receipt));
  }

  #sendReceipt(reply: FastifyReply, contentType: string, text: string): void {
    if (wantsReceipt(reply.request.headers))
      void reply.header('Content-Type', contentType).send(text);
    else void reply.send();
  }
}
