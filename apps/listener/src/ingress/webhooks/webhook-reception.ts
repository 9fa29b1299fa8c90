import { randomUUID } from 'node:crypto';
import { type WorkflowAccess } from '@app/auth';
import { headerOf, type EventData, type SignedRoots } from '@app/events';
import { hasBody, type Judge } from '@app/http';
import { type JsonObject } from '@app/json';
import { type Workflow } from '@app/persistence';
import { type FastifyRequest } from 'fastify';
import { type Acceptance, type EventAcceptance } from '../../acceptance/event-acceptance.js';
import { type DecisionLog } from '../../decisions/decision-log.js';
import { type SignatureCheck } from '../../providers/signature-check.js';
import { type SignatureOptions, type WebhookProvider } from '../../providers/webhook-provider.js';
import { providerFor, providerNamed, providerSigning } from '../../providers/webhook-providers.js';
import { type IngressLimits } from '../bounds/ingress-limits.js';
import { WebhookTypeUnsupportedError, WorkflowNotNamedError } from '../errors.js';
import { IncomingBody, withBody } from '../incoming-body.js';
import { providerInUrl, queryParameter, tokenInHead, workflowInUrl } from '../request-query.js';
import { RequestCredentials } from '../request-credentials.js';
import { withHops } from './flow-hops.js';
import { webhookRequest } from './webhook-request.js';
import { formTokenInPrefix } from '../body-prefix.js';
import { isForm, partsBoundaryOf, readFormBody, readMultipartBody } from './form-body.js';
import { readWebhookBody, requireWebhookContentType } from './webhook-body.js';
import { withTraceparent } from '../trace-context.js';

const CONTENT_TYPES = [
  ...['application/json', 'text/plain'],
  ...['application/x-www-form-urlencoded', 'multipart/form-data'],
];

/** Microsoft Graph validates a URL with this parameter and no body. The answer repeats its value. */
const VALIDATION_PARAMETER = 'validationToken';

/** Okta validates a URL with this header in a GET. The answer repeats its value as JSON. */
const OKTA_HEADER = 'x-okta-verification-challenge';

/** The value that the answer to a validation request repeats. */
interface Check {
  readonly body?: JsonObject;
  readonly text?: string;
}

interface Payload {
  /** The body as it came, for its signature. */
  readonly bytes: Buffer;
  /** Absent if the body is empty. */
  readonly data: EventData | undefined;
  readonly accessToken?: string | undefined;
}

/** A request whose sender is authorized. */
interface Authorized {
  readonly workflow: Workflow;
  readonly provider: WebhookProvider;
  readonly payload: Payload;
  readonly options: SignatureOptions;
}

export type WebhookReceived = (
  | {
      readonly kind: 'accepted';
      readonly acceptances: readonly Acceptance[];
      readonly answer: 'receipt' | 'empty';
    }
  /** A validation request of the provider. Nothing runs. */
  | ({ readonly kind: 'check' } & Check)
) & {
  /** Resolves when the body is no longer needed in memory. */
  readonly dispatched: Promise<unknown>;
};

/** Converts a webhook (JSON or a form, signed or with a token) into CloudEvents, and accepts them. */
export class WebhookReception {
  constructor(
    private readonly access: WorkflowAccess,
    private readonly acceptance: EventAcceptance,
    private readonly signatures: SignatureCheck,
    private readonly decisions: Pick<DecisionLog, 'of'>,
    private readonly clock: () => number,
    private readonly limits: IngressLimits,
    private readonly roots: SignedRoots,
  ) {}

  /** @throws FlowError if the request is rejected */
  receive(request: FastifyRequest): Promise<WebhookReceived> {
    return withBody(new IncomingBody(request, this.limits.bodies), (body) =>
      this.#receive(request, body),
    );
  }

  /**
   * Answers the GET or HEAD by which a provider validates a URL before it uses it (Trello with HEAD). The request needs
   * the token. Nothing runs.
   *
   * @returns the value that the answer repeats: `hub.challenge` (WebSub, section 5.3; Meta), `challenge` (Dropbox,
   *   Nylas), or a header (Okta)
   * @throws FlowError if the request is rejected
   */
  async check(request: FastifyRequest): Promise<Check> {
    const credentials = await RequestCredentials.of(request, 'webhook', this.access);
    requireProvider(request);
    if (!(await credentials.workflowInUrl())) throw new WorkflowNotNamedError();
    const verification = headerOf(request.headers, OKTA_HEADER);
    if (verification !== undefined) return { body: { verification } };
    const text = queryParameter(request, 'hub.challenge') ?? queryParameter(request, 'challenge');
    return text === undefined ? {} : { text };
  }

  async #receive(request: FastifyRequest, body: IncomingBody): Promise<WebhookReceived> {
    const { headers } = request;
    const { traceparent } = request.headers;
    const signing = tokenInHead(request) === undefined ? this.#signing(request) : undefined;
    const authorized = signing
      ? await this.#bySignature(request, body, signing)
      : await this.#byToken(request, body);
    const { workflow, provider, payload, options } = authorized;
    const validation = payload.data ? undefined : queryParameter(request, VALIDATION_PARAMETER);
    if (validation !== undefined)
      return { kind: 'check', text: validation, dispatched: Promise.resolve() };
    const [said, reading] = await this.#deciding(request, workflow, provider, () => [
      webhookRequest(request, this.limits.requestBytesMax),
      provider.read({
        workflowId: workflow.id,
        data: payload.data,
        headers,
        options,
        requestId: randomUUID(),
        now: this.clock(),
        eventsMax: this.limits.events.batchEventsMax,
      }),
    ]);
    if (reading.kind === 'check') return { ...reading, dispatched: Promise.resolve() };

    const { trigger, answer = 'receipt' } = provider;
    const trace = typeof traceparent === 'string' ? traceparent : undefined;
    const admitted = reading.events.map((event) => {
      const ownSource = `/workflows/${workflow.id}/webhooks/${provider.name}`;
      const counted = withHops(event, { headers, data: payload.data, ownSource }, this.roots);
      const claims = { eventId: counted.id, source: counted.source };
      this.access.requireTrigger(workflow, { trigger, remoteAddress: request.ip, ...claims });
      return { workflow, trigger, event: withTraceparent(counted, trace), request: said };
    });
    const acceptances = await this.acceptance.acceptAll(admitted);
    const dispatched = Promise.all(acceptances.map((acceptance) => acceptance.dispatched));
    return { kind: 'accepted', acceptances, answer, dispatched };
  }

  /** The provider that signed a request without a token. */
  #signing(request: FastifyRequest): WebhookProvider | undefined {
    const { headers } = request;
    const name = providerInUrl(request);
    if (name === undefined) return providerSigning(headers);
    const provider = providerNamed(name);
    return provider?.isSigned?.(headers, {}) === true ? provider : undefined;
  }

  /** Authorizes by the signature. It needs the whole body, which until then counts as one of an unknown sender. */
  async #bySignature(
    request: FastifyRequest,
    body: IncomingBody,
    provider: WebhookProvider,
  ): Promise<Authorized> {
    this.#requireContentType(request);
    const workflowId = workflowInUrl(request);
    if (workflowId === undefined) throw new WorkflowNotNamedError();
    const bytes = await body.read();
    const signed = { bytes, headers: request.headers };
    let options: SignatureOptions | undefined;
    const workflow = await this.access.authorizeSigned(
      workflowId,
      (found) => {
        options = this.signatures.signedWith(found, provider, signed);
        return options !== undefined;
      },
      { trigger: provider.trigger, remoteAddress: request.ip },
    );
    await body.admit();
    const payload = await this.#deciding(request, workflow, provider, () =>
      this.#read(request, bytes),
    );
    return { workflow, provider, payload, options: options ?? {} };
  }

  async #byToken(request: FastifyRequest, body: IncomingBody): Promise<Authorized> {
    const { headers } = request;
    const inParts = partsBoundaryOf(headers) !== undefined;
    const form = inParts || isForm(headers);
    // The token may be a field of the form. Only then the body is read before the sender is authorized.
    const early =
      form && !tokenInHead(request)
        ? await this.#payload(request, body, inParts ? undefined : this.#judgeOf(request, body))
        : undefined;
    const credentials = await RequestCredentials.of(
      request,
      'webhook',
      this.access,
      early?.accessToken,
    );
    this.#requireContentType(request);
    const named = requireProvider(request);
    const workflow = await credentials.workflowInUrl();
    if (!workflow) throw new WorkflowNotNamedError();
    await body.admit();
    const provider = named ?? providerFor(headers, workflow);
    const payload =
      early ??
      (await this.#deciding(request, workflow, provider, () => this.#payload(request, body)));
    const options = this.#requireSigned(request, workflow, provider, payload);
    return { workflow, provider, payload, options };
  }

  /** Records a rejection after authorization as a decision of the workflow. */
  #deciding<T>(
    { ip: remoteAddress }: FastifyRequest,
    { id: workflowId }: Workflow,
    { trigger }: WebhookProvider,
    work: () => T | Promise<T>,
  ): Promise<T> {
    return this.decisions.of(() => ({ workflowId, trigger, remoteAddress }), work);
  }

  /** Checks the signature if the workflow has a secret of the provider: a token alone is then not enough. */
  #requireSigned(
    request: FastifyRequest,
    workflow: Workflow,
    provider: WebhookProvider,
    { bytes }: Payload,
  ): SignatureOptions {
    if (!this.signatures.isRequired(workflow, provider)) return {};
    const { headers, ip: remoteAddress } = request;
    const options = this.signatures.signedWith(workflow, provider, { bytes, headers });
    const facts = { trigger: provider.trigger, remoteAddress };
    this.access.requireSigned(workflow, options !== undefined, facts);
    return options ?? {};
  }

  /** Authorizes the sender of a large form as soon as the form's beginning has the token. */
  #judgeOf(request: FastifyRequest, body: IncomingBody): Judge {
    const judged = async (token: string): Promise<void> => {
      const credentials = await RequestCredentials.of(request, 'webhook', this.access, token);
      if (await credentials.workflowInUrl()) await body.admit();
    };
    return (beginning) => {
      const token = formTokenInPrefix(beginning);
      return token === undefined ? undefined : judged(token);
    };
  }

  #requireContentType({ headers, raw }: FastifyRequest): void {
    if (isForm(headers) || partsBoundaryOf(headers) !== undefined) return;
    requireWebhookContentType(headers, CONTENT_TYPES, hasBody(raw));
  }

  async #payload(request: FastifyRequest, body: IncomingBody, judge?: Judge): Promise<Payload> {
    return this.#read(request, await body.read(judge));
  }

  #read({ headers }: FastifyRequest, bytes: Buffer): Payload {
    const { events, bodies } = this.limits;
    const boundary = partsBoundaryOf(headers);
    if (boundary !== undefined)
      return { bytes, ...readMultipartBody(bytes, boundary, events, bodies.bytesMax) };
    if (isForm(headers)) return { bytes, ...readFormBody(bytes, events) };
    return { bytes, data: readWebhookBody(headers, bytes, events) };
  }
}

/** The provider that the URL names, if any. @throws WebhookTypeUnsupportedError if there is no such provider */
function requireProvider(request: FastifyRequest): WebhookProvider | undefined {
  const name = providerInUrl(request);
  const provider = name === undefined ? undefined : providerNamed(name);
  if (name !== undefined && !provider) throw new WebhookTypeUnsupportedError();
  return provider;
}
