import { createHash, randomUUID } from 'node:crypto';
import { type WorkflowAccess } from '@app/auth';
import { headerOf } from '@app/events';
import { hasBody } from '@app/http';
import { type JsonValue, toJsonText } from '@app/json';
import { type Dispatcher } from '@app/messaging';
import { type Activity, ActivityNotFoundError, type ActivityStore } from '@app/persistence';
import { isFinal } from '@app/workflow-engine';
import { type FastifyRequest } from 'fastify';
import { type IngressLimits } from '../bounds/ingress-limits.js';
import { ActivityEndedError } from '../errors.js';
import { IncomingBody, withBody } from '../incoming-body.js';
import { tokenInHead } from '../request-query.js';
import { readWebhookBody, requireWebhookContentType } from '../webhooks/webhook-body.js';
import { type CallbackQuery, callbackQuery } from './callback-query.js';

const CONTENT_TYPES = ['application/json', 'text/plain'];

interface CallbackReceived {
  readonly receipt: {
    readonly activityid: string;
    readonly topic: string;
    readonly status: string;
  };
  readonly dispatched: Promise<unknown>;
}

export interface CallbackParts {
  readonly access: WorkflowAccess;
  readonly store: ActivityStore;
  readonly dispatcher: Dispatcher;
  readonly clock: () => number;
  readonly limits: IngressLimits & { readonly callbackBytesMax: number };
}

/**
 * Puts an event into the inbox of the activity that it is for. Whoever has a token of a workflow reaches
 * the activities of that workflow; to whoever has another one, they do not exist.
 */
export class CallbackReception {
  constructor(private readonly parts: CallbackParts) {}

  /** @throws FlowError when it is refused */
  receive(request: FastifyRequest): Promise<CallbackReceived> {
    const { limits } = this.parts;
    const bounds = { ...limits.bodies, bytesMax: limits.callbackBytesMax };
    return withBody(new IncomingBody(request, bounds), (body) => this.#receive(request, body));
  }

  /** @throws FlowError when `receive` would be refused, whatever the body is */
  async check(request: FastifyRequest): Promise<void> {
    await this.#activityFor(request, callbackQuery(request));
  }

  async #receive(request: FastifyRequest, body: IncomingBody): Promise<CallbackReceived> {
    const query = callbackQuery(request);
    const { topic, outcome, correlationKey } = query;
    const { id } = await this.#activityFor(request, query);
    const payload = await this.#payload(request, body);
    const signal = {
      id: signalId(request, id),
      kind: 'event',
      at: this.parts.clock(),
      ...{ topic, outcome },
      ...(payload !== undefined && { payload }),
      ...(correlationKey !== undefined && { correlationKey }),
    } as const;
    const put = await this.parts.store.signal(id, signal);
    if (put === 'not-found') throw new ActivityNotFoundError(id);
    if (put === 'final') throw new ActivityEndedError(id);
    // It is on record and due: a sweeper finds it if nobody is told.
    const dispatched = this.parts.dispatcher.notify(id).catch(() => undefined);
    return { receipt: { activityid: id, topic, status: outcome }, dispatched };
  }

  /** One of another workflow is as one that is not there. */
  async #activityFor(request: FastifyRequest, query: CallbackQuery): Promise<Activity> {
    const { access, store } = this.parts;
    const { activityId, workflowId } = query;
    const token = tokenInHead(request);
    const facts = { trigger: 'event', remoteAddress: request.ip } as const;
    const owners =
      workflowId === undefined
        ? await access.ownersOf(token)
        : [await access.authorize(workflowId, token, facts)];
    const found = await store.get(activityId);
    const isOurs = found && (owners?.some(({ id }) => id === found.workflowId) ?? true);
    if (!isOurs) throw new ActivityNotFoundError(activityId);
    if (isFinal(found.status)) throw new ActivityEndedError(activityId);
    return found;
  }

  async #payload(request: FastifyRequest, body: IncomingBody): Promise<JsonValue | undefined> {
    if (request.method === 'GET') return undefined;
    const { headers } = request;
    requireWebhookContentType(headers, CONTENT_TYPES, hasBody(request.raw));
    await body.admit();
    const data = readWebhookBody(headers, await body.read(), this.parts.limits.events);
    if (data === undefined || data.kind === 'binary') return undefined;
    return data.kind === 'json' ? data.value : data.text;
  }
}

/** What a sender repeats under one key counts once. */
function signalId({ headers }: FastifyRequest, activityId: string): string {
  const key = headerOf(headers, 'idempotency-key');
  if (key === undefined || key === '') return `event:${randomUUID()}`;
  const digest = createHash('sha256').update(toJsonText([activityId, key]));
  return `event:${digest.digest('base64url')}`;
}
