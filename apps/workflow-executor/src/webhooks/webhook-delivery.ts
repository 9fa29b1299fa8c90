import { randomBytes } from 'node:crypto';
import { type JsonObject } from '@app/json';
import { STRUCTURED_CONTENT_TYPE, toStructuredJson } from '@app/events';
import { activityTrace, childTraceparent } from '@app/observability';
import { type OutboxEntry, type ScopeVersions, secretMark } from '@app/workflow-engine';
import {
  type DeliveryOutcome,
  type EntryOrigin,
  OutboxDelivery,
} from '../outbox/outbox-delivery.js';
import { statusEvents } from '../outbox/status-event.js';
import { type TaskCall, type TaskHandler } from '../tasks/task-handler.js';

/** The payload of an entry: the receiver, the final statuses that it wants (`on`; absent: all), and the run's status. */
interface Webhook extends JsonObject {
  readonly url: string;
  readonly status: string;
}

/** The random bytes by which a secret is marked in the parameters of a call. */
const NONCE_BYTES = 16;

/** The codes of failures that a later attempt cannot change. */
const FOR_GOOD: readonly string[] = [
  'HTTP_ADDRESS_REFUSED',
  'PARAM_INVALID',
  'TASK_SECRET_NOT_FOUND',
  'SCOPE_VERSION_GONE',
];
/** The receiver wants no more webhooks (CloudEvents HTTP webhooks 1.0.2, section 2.2). */
const GONE = 410;

/** Why a call was not made. */
const POSTPONED = 'The call was postponed: no slot is free, or its secret cannot be read now';

export interface WebhookSettings {
  /** How long one attempt may take, in milliseconds. */
  readonly attemptMsMax: number;
  /** The age of an entry after which a failed attempt is not repeated, in milliseconds. */
  readonly triedMsMax: number;
  /** Called after each attempt that was made. */
  readonly attempted: (outcome: 'delivered' | 'failed' | 'given-up') => void;
}

/**
 * POSTs the status event of a run's end to a receiver. The request is signed as in Standard Webhooks if the workflow
 * names a secret. It is sent as the calls of `http` tasks are: with the same address guard, places, limits and secrets.
 */
export class WebhookDelivery extends OutboxDelivery {
  readonly available = true;

  constructor(
    private readonly http: TaskHandler<'http'>,
    private readonly clock: () => number,
    private readonly settings: WebhookSettings,
  ) {
    super();
  }

  override async deliver(
    entry: OutboxEntry,
    origin: EntryOrigin,
    abort: AbortSignal,
  ): Promise<DeliveryOutcome> {
    const webhook = entry.payload as Webhook;
    const { on, status } = webhook;
    if (Array.isArray(on) && !on.includes(status)) return { kind: 'delivered' };
    // A limit of its own, so that a receiver that never answers is given up after `triedMsMax` as well.
    const inTime = AbortSignal.any([abort, AbortSignal.timeout(this.settings.attemptMsMax)]);
    const outcome = await this.http.run(callOf(webhook, entry, origin, inTime));
    if (outcome.kind === 'postponed') return { kind: 'again', reason: POSTPONED };
    if (outcome.kind === 'succeeded') {
      this.settings.attempted('delivered');
      return { kind: 'delivered' };
    }
    const { code, message, results } = outcome;
    const isGone = results?.['statusCode'] === GONE;
    const isLate = this.clock() - entry.createdAt >= this.settings.triedMsMax;
    if (!isGone && !isLate && !FOR_GOOD.includes(code)) {
      this.settings.attempted('failed');
      return { kind: 'again', reason: `${code}: ${message}` };
    }
    this.settings.attempted('given-up');
    return { kind: 'refused', code: 'WEBHOOK_GIVEN_UP', message: `${webhook.url}: ${message}` };
  }
}

function callOf(
  { url, secret, versions }: Webhook,
  entry: OutboxEntry,
  origin: EntryOrigin,
  abort: AbortSignal,
): TaskCall<'http'> {
  const [status] = statusEvents(entry, origin);
  const id = `${origin.id}:${entry.id}`;
  const secretNonce = randomBytes(NONCE_BYTES).toString('hex');
  const sign = typeof secret === 'string' && {
    sign: { id, secret: secretMark(secretNonce, secret) },
  };
  return {
    effect: {
      kind: 'call',
      type: 'http',
      task: entry.key,
      attempt: 1,
      keyAttempt: 1,
      params: {
        url,
        method: 'POST',
        headers: [['content-type', STRUCTURED_CONTENT_TYPE]],
        body: status ? toStructuredJson(status.event) : '',
        ...sign,
        staysThere: true,
        statusOnly: true,
      },
    },
    workflowId: origin.workflowId,
    scope: { secretNonce, ...(versions !== undefined && { versions: versions as ScopeVersions }) },
    idempotencyKey: id,
    traceparent: childTraceparent(activityTrace(origin.id, origin.event.extensions['traceparent'])),
    abort,
    bytes: 0,
    roomForAnswer: () => Promise.resolve(),
    report: () => undefined,
  };
}
