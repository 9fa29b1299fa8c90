import { randomUUID } from 'node:crypto';
import { type WorkflowAccess } from '@app/auth';
import {
  type EventData,
  formTokenAtBeginning,
  genericWebhookEvent,
  isForm,
  readFormBody,
  readWebhookBody,
  requireWebhookContentType,
  withTraceparent,
} from '@app/events';
import { hasBody, type Judge } from '@app/http';
import { type FastifyRequest } from 'fastify';
import { type Acceptance, type EventAcceptance } from '../acceptance/event-acceptance.js';
import { type IngressLimits } from './ingress-limits.js';
import { WebhookTypeUnsupportedError, WorkflowNotNamedError } from './errors.js';
import { IncomingBody } from './incoming-body.js';
import { queryParameter, tokenInHead } from './request-query.js';
import { RequestCredentials } from './request-credentials.js';
import { webhookRequest } from './webhook-request.js';

const CONTENT_TYPES = ['application/json', 'text/plain', 'application/x-www-form-urlencoded'];

interface Payload {
  /** Absent if the body is empty. */
  readonly data: EventData | undefined;
  readonly accessToken?: string | undefined;
}

/** Makes a CloudEvent of a generic webhook, JSON or form, and takes it through the same ingress. */
export class WebhookReception {
  constructor(
    private readonly access: WorkflowAccess,
    private readonly acceptance: EventAcceptance,
    private readonly clock: () => number,
    private readonly limits: IngressLimits,
  ) {}

  /** @throws FlowError when it is refused */
  async receive(request: FastifyRequest): Promise<Acceptance> {
    const body = new IncomingBody(request, this.limits.bodies);
    try {
      const acceptance = await this.#receive(request, body);
      void acceptance.dispatched.finally(() => {
        body.release();
      });
      return acceptance;
    } catch (error) {
      body.release();
      throw error;
    }
  }

  /**
   * Providers ask whether a URL is there before they use it (Trello with HEAD): it is, for whom has
   * the token. Nothing runs.
   *
   * @throws FlowError when it is refused
   */
  async check(request: FastifyRequest): Promise<void> {
    const credentials = await RequestCredentials.of(request, 'webhook', this.access);
    if (!(await credentials.workflowInUrl())) throw new WorkflowNotNamedError();
  }

  async #receive(request: FastifyRequest, body: IncomingBody): Promise<Acceptance> {
    const form = isForm(request.headers);
    // The token may be a field of the form: then, and only then, it is read before anybody is known.
    const early =
      form && !tokenInHead(request)
        ? await this.#payload(request, body, this.#judgeOf(request, body))
        : undefined;
    const credentials = await RequestCredentials.of(
      request,
      'webhook',
      this.access,
      early?.accessToken,
    );
    if (!form) requireWebhookContentType(request.headers, CONTENT_TYPES, hasBody(request.raw));
    const type = queryParameter(request, 'type') ?? 'generic';
    if (type !== 'generic') throw new WebhookTypeUnsupportedError();
    const workflow = await credentials.workflowInUrl();
    if (!workflow) throw new WorkflowNotNamedError();
    await body.admit();
    const said = webhookRequest(request, this.limits.requestBytesMax);
    const { data } = early ?? (await this.#payload(request, body));

    const { 'idempotency-key': deliveryId, traceparent } = request.headers;
    const event = genericWebhookEvent({
      workflowId: workflow.id,
      data,
      deliveryId: typeof deliveryId === 'string' ? deliveryId : undefined,
      requestId: randomUUID(),
      now: this.clock(),
    });
    credentials.requireTrigger(workflow, { eventId: event.id, source: event.source });
    const trace = typeof traceparent === 'string' ? traceparent : undefined;
    const traced = withTraceparent(event, trace);
    return this.acceptance.accept({ workflow, trigger: 'webhook', event: traced, request: said });
  }

  /** Of a large form the sender is looked at as soon as its beginning has the token. */
  #judgeOf(request: FastifyRequest, body: IncomingBody): Judge {
    const judged = async (token: string): Promise<void> => {
      const credentials = await RequestCredentials.of(request, 'webhook', this.access, token);
      if (await credentials.workflowInUrl()) await body.admit();
    };
    return (beginning) => {
      const token = formTokenAtBeginning(beginning);
      return token === undefined ? undefined : judged(token);
    };
  }

  async #payload(request: FastifyRequest, body: IncomingBody, judge?: Judge): Promise<Payload> {
    const bytes = await body.read(judge);
    const { events } = this.limits;
    if (isForm(request.headers)) return readFormBody(bytes, events);
    return { data: readWebhookBody(request.headers, bytes, events) };
  }
}
