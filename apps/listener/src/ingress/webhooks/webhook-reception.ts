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
import { formTokenAtBeginning } from '../beginning.js';
import { isForm, partsBoundaryOf, readFormBody, readMultipartBody } from './form-body.js';
import { readWebhookBody, requireWebhookContentType } from './webhook-body.js';
import { withTraceparent } from '../trace-context.js';

const CONTENT_TYPES = [
  ...['application/json', 'text/plain'],
  ...['application/x-www-form-urlencoded', 'multipart/form-data'],
];

/** With it and no body Microsoft Graph asks whether a URL wants notifications: the answer repeats it. */
const VALIDATION_PARAMETER = 'validationToken';

/** With it Okta asks, by GET; the answer repeats it as JSON. */
const OKTA_HEADER = 'x-okta-verification-challenge';

/** What the answer to a question repeats. */
interface Check {
  readonly body?: JsonObject;
  readonly text?: string;
}

interface Payload {
  /** As it came, for its signature. */
  readonly bytes: Buffer;
  /** Absent if the body is empty. */
  readonly data: EventData | undefined;
  readonly accessToken?: string | undefined;
}

/** A body whose sender may start the workflow. */
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
  /** Nothing runs; the provider wanted to know whether we are there. */
  | ({ readonly kind: 'check' } & Check)
) & {
  /** Resolves when nothing of what came is needed any more. */
  readonly dispatched: Promise<unknown>;
};

/** Makes CloudEvents of a webhook, JSON or form, signed or with a token, and has them accepted. */
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

  /** @throws FlowError when it is refused */
  receive(request: FastifyRequest): Promise<WebhookReceived> {
    return withBody(new IncomingBody(request, this.limits.bodies), (body) =>
      this.#receive(request, body),
    );
  }

  /**
   * Providers ask whether a URL is there before they use it (Trello with HEAD): it is, for whom has
   * the token. Nothing runs.
   *
   * @returns what the answer has to repeat: `hub.challenge` (WebSub, section 5.3; Meta), `challenge` (Dropbox,
   *   Nylas), or a header (Okta)
   * @throws FlowError when it is refused
   */
  async check(request: FastifyRequest): Promise<Check> {
    const credentials = await RequestCredentials.of(request, 'webhook', this.access);
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

  /** The provider whose signature is the credential of a request without a token. */
  #signing(request: FastifyRequest): WebhookProvider | undefined {
    const { headers } = request;
    const name = providerInUrl(request);
    if (name === undefined) return providerSigning(headers);
    const provider = providerNamed(name);
    return provider?.isSigned?.(headers, {}) === true ? provider : undefined;
  }

  /** The whole body is needed to know its sender, so until then it counts among those of strangers. */
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
    // The token may be a field of the form: then, and only then, it is read before anybody is known.
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
    const name = providerInUrl(request);
    const named = name === undefined ? undefined : providerNamed(name);
    if (name !== undefined && !named) throw new WebhookTypeUnsupportedError();
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

  /** What is refused of a sender that may start the workflow is on record there. */
  #deciding<T>(
    { ip: remoteAddress }: FastifyRequest,
    { id: workflowId }: Workflow,
    { trigger }: WebhookProvider,
    work: () => T | Promise<T>,
  ): Promise<T> {
    return this.decisions.of(() => ({ workflowId, trigger, remoteAddress }), work);
  }

  /** With a secret of the provider, a token alone is not enough. */
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
