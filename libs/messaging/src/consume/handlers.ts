import { BaseRpcContext } from '@nestjs/microservices';
import { type Delivery } from './delivery.js';
import { type ReceivedMessage } from '@app/events';
import { Catch, type ExceptionFilter } from '@nestjs/common';
import { type Observable, throwError } from 'rxjs';

/** Names that handlers use in `@EventPattern`, whatever the namespace in NATS is. */
export const FLOW_EVENT = 'flow.event';
export const FLOW_BATCH = 'flow.batch';
export const FLOW_SIGNAL = 'flow.signal';
export const FLOW_ANSWER = 'flow.answer';

/** The facts of the message that a handler's data came in; its `@Ctx()`. */
export class JetStreamContext extends BaseRpcContext<[Delivery]> {
  constructor(
    delivery: Delivery,
    /** Reports that one of the items of the message is done. */
    readonly settled: () => void,
  ) {
    super([delivery]);
  }

  get subject(): string {
    return this.args[0].subject;
  }

  /** Of the message in its stream. */
  get sequence(): number {
    return this.args[0].sequence;
  }

  /** How often it was delivered, with this time. */
  get deliveries(): number {
    return this.args[0].deliveries;
  }

  get headers(): Readonly<Record<string, readonly string[]>> {
    return this.args[0].headers;
  }
}

/** The activity id of a notification, which is all that it carries: the last token of its subject. */
export function decodeNotification(_message: ReceivedMessage, subject: string): string {
  return subject.slice(subject.lastIndexOf('.') + 1);
}

/**
 * The queue, with its group, of the worker that answered: the last two tokens of the subject, on which NATS lets only
 * workers of that queue publish.
 */
export function queueOfAnswer(subject: string): string {
  return subject.split('.').slice(-2).join('.');
}

/**
 * Belongs on each controller with JetStream handlers (`@UseFilters`). Nest's own filter replaces every error by
 * "Internal server error"; the ack loop needs the error itself to decide whether a message comes again.
 */
@Catch()
export class PassErrorToAckLoop implements ExceptionFilter {
  catch(error: unknown): Observable<never> {
    return throwError(() => error);
  }
}
