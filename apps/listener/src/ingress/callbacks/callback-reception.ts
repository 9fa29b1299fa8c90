import { type WorkflowAccess } from '@app/auth';
import { headerOf } from '@app/events';
import { hasBody } from '@app/http';
import { type JsonValue } from '@app/json';
import {
  type Activity,
  ActivityEndedError,
  ActivityNotFoundError,
  type ActivityStore,
} from '@app/persistence';
import { isFinal } from '@app/workflow-engine';
import { type FastifyRequest } from 'fastify';
import { type EventIdentity, type EventWaits } from '../../acceptance/event-waits.js';
import { type IngressLimits } from '../bounds/ingress-limits.js';
import { QueryInvalidError } from '../errors.js';
import { IncomingBody, withBody } from '../incoming-body.js';
import { tokenInHead } from '../request-query.js';
import { readWebhookBody, requireWebhookContentType } from '../webhooks/webhook-body.js';
import { type CallbackQuery, callbackQuery } from './callback-query.js';

const CONTENT_TYPES = ['application/json', 'text/plain'];
/** The source of callbacks, which have no source of their own. */
const SOURCE = '/callbacks';

interface CallbackReceipt {
  readonly topic: string;
  readonly status: string;
  /** The activity that the sender named. */
  readonly activityid?: string;
  readonly correlationKey?: string;
  /** The activities that waited for the topic and key. */
  readonly activities?: readonly string[];
  /** If no activity waits yet: when the kept event is discarded, RFC 3339. */
  readonly keptUntil?: string;
}

interface CallbackReceived {
  readonly dispatched: Promise<unknown>;
  readonly receipt: CallbackReceipt;
  readonly replayed: boolean;
}

export interface CallbackParts {
  readonly access: WorkflowAccess;
  readonly store: ActivityStore;
  readonly waits: EventWaits;
  readonly limits: IngressLimits & { readonly callbackBytesMax: number };
}

/**
 * Delivers an event to the activity that it names, or to those that wait for its topic and key. A token of a workflow
 * gives access to the activities of that workflow. Any other activity is answered as if it did not exist.
 */
export class CallbackReception {
  constructor(private readonly parts: CallbackParts) {}

  /** @throws FlowError if the request is rejected */
  receive(request: FastifyRequest): Promise<CallbackReceived> {
    const { limits } = this.parts;
    const bounds = { ...limits.bodies, bytesMax: limits.callbackBytesMax };
    return withBody(new IncomingBody(request, bounds), (body) => this.#receive(request, body));
  }

  /** Checks a request without its body. @throws FlowError if `receive` would reject it whatever its body is */
  async check(request: FastifyRequest): Promise<void> {
    const query = callbackQuery(request);
    if (query.activityId === undefined) await this.#workflowFor(request, query);
    else await this.#activityFor(request, query, query.activityId);
  }

  async #receive(request: FastifyRequest, body: IncomingBody): Promise<CallbackReceived> {
    const { waits } = this.parts;
    const query = callbackQuery(request);
    const { topic, outcome, correlationKey, activityId } = query;
    const receipt = { topic, status: outcome };
    const dispatched = Promise.resolve();
    if (activityId !== undefined) {
      const activity = await this.#activityFor(request, query, activityId);
      const payload = await this.#payload(request, body);
      const identity = identityOf(request, activityId);
      await waits.send(activity, { topic, outcome, payload, correlationKey }, identity);
      return { receipt: { activityid: activityId, ...receipt }, replayed: false, dispatched };
    }
    const workflowId = await this.#workflowFor(request, query);
    const payload = await this.#payload(request, body);
    const key = correlationKey ?? '';
    const sent = { topic, outcome, payload, correlationKey: key };
    const match = await waits.match(workflowId, sent, identityOf(request, ''));
    const where =
      match.kind === 'signalled'
        ? { activities: match.activities }
        : { activities: [], keptUntil: new Date(match.until).toISOString() };
    const { replayed } = match;
    return { receipt: { ...receipt, correlationKey: key, ...where }, replayed, dispatched };
  }

  /** The workflow that the request names, else the only one that has the token. */
  async #workflowFor(request: FastifyRequest, { workflowId }: CallbackQuery): Promise<string> {
    const { access } = this.parts;
    const token = tokenInHead(request);
    if (workflowId !== undefined) {
      const facts = { trigger: 'event', remoteAddress: request.ip } as const;
      return (await access.authorize(workflowId, token, facts)).id;
    }
    const [owner, ...others] = (await access.ownersOf(token)) ?? [];
    if (owner === undefined || others.length > 0)
      throw new QueryInvalidError(
        'workflowId',
        'must name the workflow, because the token is valid for none or several',
      );
    return owner.id;
  }

  /** The activity of one of the token's workflows. @throws ActivityNotFoundError also for one of another workflow */
  async #activityFor(
    request: FastifyRequest,
    { workflowId }: CallbackQuery,
    activityId: string,
  ): Promise<Activity> {
    const { access, store } = this.parts;
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
    const { headers, method } = request;
    const isLink = method === 'GET';
    if (!isLink) requireWebhookContentType(headers, CONTENT_TYPES, hasBody(request.raw));
    await body.admit();
    // The body of a GET means nothing, but until it is complete the request may still be answered with 408.
    const bytes = await body.read();
    if (isLink) return undefined;
    const data = readWebhookBody(headers, bytes, this.parts.limits.events);
    if (data === undefined || data.kind === 'binary') return undefined;
    return data.kind === 'json' ? data.value : data.text;
  }
}

/** Identifies a repeated callback by its `Idempotency-Key`, within the activity that it names, if any. */
function identityOf({ headers }: FastifyRequest, activityId: string): EventIdentity | undefined {
  const id = headerOf(headers, 'idempotency-key');
  return id === undefined || id === '' ? undefined : { id, source: `${SOURCE}/${activityId}` };
}
