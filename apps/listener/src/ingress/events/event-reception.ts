import { type WorkflowAccess } from '@app/auth';
import {
  attributesFromHeaders,
  checkEvent,
  type CloudEvent,
  type ContentMode,
  contentModeOf,
  type HttpMessage,
  InvalidEventError,
  type RawEvent,
  rawSubject,
  readHttpMessage,
  parseSubject,
  requireEvent,
  stripReserved,
} from '@app/events';
import { type Judge } from '@app/http';
import { QuotaExceededError, type Workflow } from '@app/persistence';
import { type FastifyRequest } from 'fastify';
import { type Acceptance, type EventAcceptance } from '../../acceptance/event-acceptance.js';
import { type Signalled } from '../../acceptance/event-waits.js';
import { type DecisionLog } from '../../decisions/decision-log.js';
import { type BatchEntry, batchEntryOf } from './batch-entry.js';
import { purposeOf, readSubject } from './event-target.js';
import { type EventsForRuns } from './events-for-runs.js';
import { type IngressLimits } from '../bounds/ingress-limits.js';
import { IncomingBody, withBody } from '../incoming-body.js';
import { type RejectedRequestReport } from '../rejections/rejected-request.filter.js';
import { type EventClaims, RequestCredentials } from '../request-credentials.js';
import { textsInPrefix } from '../body-prefix.js';
import { withTraceparent } from '../trace-context.js';

/** This many characters of the id and source of a rejected event are recorded. */
const CLAIM_CHARS_MAX = 256;

/** The attributes that are looked for before the body is parsed. */
const CLAIMED: ReadonlySet<string> = new Set(['id', 'source', 'subject', 'type']);

/** A larger body is parsed only after the token has been checked. */
const STRANGERS_BYTES_MAX = 64 * 1024;

/** The trigger of the decisions that are made here. */
const EVENT = { trigger: 'event' } as const;

export type Received = (
  | { readonly kind: 'event'; readonly acceptance: Acceptance }
  /** One entry for each event of the batch, in its order. */
  | { readonly kind: 'batch'; readonly entries: readonly BatchEntry[] }
) & {
  /** Resolves when the body is no longer needed in memory. */
  readonly dispatched: Promise<unknown>;
};

/** Checks CloudEvents of all content modes in the order of docs/design.md#order-of-checks, and accepts them. */
export class EventReception {
  constructor(
    private readonly access: WorkflowAccess,
    private readonly acceptance: EventAcceptance,
    private readonly report: RejectedRequestReport,
    private readonly decisions: Pick<DecisionLog, 'of'>,
    private readonly forRuns: EventsForRuns,
    private readonly limits: IngressLimits,
  ) {}

  /** @throws FlowError if the request is rejected. A rejected event of a batch is an entry of the answer instead. */
  async receive(request: FastifyRequest): Promise<Received> {
    const credentials = await RequestCredentials.of(request, 'event', this.access);
    const mode = contentModeOf(request.headers);
    return withBody(new IncomingBody(request, this.limits.bodies), async (body) => {
      const named = await this.#namedEarly(request, credentials, mode);
      if (named) await body.admit();
      const read = (): Promise<HttpMessage> => this.#read(request, credentials, mode, body);
      const message = await (named
        ? this.decisions.of(
            () => ({ workflowId: named.id, ...EVENT, remoteAddress: request.ip }),
            read,
          )
        : read());
      return this.#take(message, request, credentials, named, body);
    });
  }

  async #read(
    request: FastifyRequest,
    credentials: RequestCredentials,
    mode: ContentMode,
    body: IncomingBody,
  ): Promise<HttpMessage> {
    const judge = mode === 'structured' ? this.#judgeOf(credentials, body) : undefined;
    const bytes = await body.read(judge);
    if (!body.isAdmitted && bytes.length > STRANGERS_BYTES_MAX)
      await this.#requireKnown(credentials, mode, bytes);
    return readHttpMessage(mode, request.raw, bytes, this.limits.events);
  }

  /** The workflow that the head of the request names: in the URL, or by the subject in a header. */
  async #namedEarly(
    request: FastifyRequest,
    credentials: RequestCredentials,
    mode: ContentMode,
  ): Promise<Workflow | undefined> {
    const inUrl = await credentials.workflowInUrl();
    if (inUrl || mode !== 'binary') return inUrl;
    const { attributes } = attributesFromHeaders(request.raw.headersDistinct);
    const subject = readSubject(attributes['subject'], attributes['type']);
    if (subject.kind !== 'target') return undefined;
    return credentials.workflow(subject.target.workflowId, claimsOf({ attributes }));
  }

  /** Authorizes the sender of a large body as soon as the body's beginning names the workflow. */
  #judgeOf(credentials: RequestCredentials, body: IncomingBody): Judge {
    return (beginning) => workflowNamedIn(credentials, beginning)?.then(() => body.admit());
  }

  /**
   * Checks the token before a large body is parsed. For a single event, a scan of the body finds the subject that names
   * the workflow. The events of a batch may name several workflows, so its token must be that of any workflow.
   */
  async #requireKnown(
    credentials: RequestCredentials,
    mode: ContentMode,
    bytes: Buffer,
  ): Promise<void> {
    const named = mode === 'structured' ? workflowNamedIn(credentials, bytes) : undefined;
    await (named ?? credentials.requireKnownToken());
  }

  async #take(
    message: HttpMessage,
    request: FastifyRequest,
    credentials: RequestCredentials,
    named: Workflow | undefined,
    body: IncomingBody,
  ): Promise<Received> {
    const { traceparent } = request.headers;
    const trace = typeof traceparent === 'string' ? traceparent : undefined;
    const accept = (raw: RawEvent): Promise<Acceptance> =>
      this.#accept(raw, credentials, named, trace, body);
    if (message.kind === 'event') {
      const acceptance = await accept(message.event);
      return { kind: 'event', acceptance, dispatched: acceptance.dispatched };
    }
    const accepting = message.events.map(accept);
    const entries = await Promise.all(
      message.events.map((raw, at) =>
        batchEntryOf(raw, accepting[at] ?? accept(raw), (rejection) => {
          this.report.add(rejection, request);
        }),
      ),
    );
    return { kind: 'batch', entries, dispatched: allDispatched(accepting) };
  }

  /** Accepts one event. If the head names no workflow, the subject does; the token is checked before the event. */
  async #accept(
    raw: RawEvent,
    credentials: RequestCredentials,
    named: Workflow | undefined,
    trace: string | undefined,
    body: IncomingBody,
  ): Promise<Acceptance> {
    const workflow = named ?? (await credentials.workflow(workflowInSubject(raw), claimsOf(raw)));
    await body.admit();
    const event = await this.decisions.of(
      () => ({ workflowId: workflow.id, ...EVENT, ...claimsOf(raw) }),
      () => withTraceparent(stripReserved(requireEvent(raw)).event, trace),
    );
    if (purposeOf(event.type) !== 'start') return this.forRuns.take(workflow, event);
    const sent = await this.forRuns.correlatedOf(workflow, event, subjectTopic(event, workflow));
    if (sent !== undefined && isOff(workflow)) return this.forRuns.match(workflow, event, sent);
    credentials.requireTrigger(workflow, { eventId: event.id, source: event.source });
    const accepting = this.acceptance.accept({ workflow, trigger: 'event', event });
    if (sent === undefined) return accepting;
    const acceptance = await accepting.catch(undefinedIfFull);
    const signalled = await this.forRuns.match(workflow, event, sent);
    return acceptance ? besides(acceptance, signalled) : signalled;
  }
}

/** An exceeded quota does not keep an event from runs that wait for it: they have been counted already. */
function undefinedIfFull(error: unknown): undefined {
  if (!(error instanceof QuotaExceededError)) throw error;
}

/** Whether the workflow is active and its event trigger is off. */
function isOff({ status, triggers }: Workflow): boolean {
  return status === 'active' && triggers.event?.enabled !== true;
}

/** The topic in the subject, if the subject names this workflow. */
function subjectTopic({ subject }: CloudEvent, workflow: Workflow): string | undefined {
  const reading = parseSubject(subject);
  const isNamed = reading.kind === 'target' && reading.target.workflowId === workflow.id;
  return isNamed ? reading.target.topic : undefined;
}

/** Joins two results: an event may start a run and be delivered to others that wait for it. */
function besides(acceptance: Acceptance, signalled: Signalled): Acceptance {
  if (acceptance.kind !== 'accepted') return signalled;
  const { activities } = signalled.receipt;
  if (activities.length === 0) return acceptance;
  return { ...acceptance, receipt: { ...acceptance.receipt, signalled: activities } };
}

/** The workflow named by the beginning of a JSON event; undefined if it names none. Rejects if the token is wrong. */
function workflowNamedIn(
  credentials: RequestCredentials,
  text: Buffer,
): Promise<Workflow> | undefined {
  const texts = textsInPrefix(text, CLAIMED);
  const subject = readSubject(texts.get('subject'), texts.get('type'));
  if (subject.kind !== 'target') return undefined;
  const claims = claimsOf({ attributes: Object.fromEntries(texts) });
  return credentials.workflow(subject.target.workflowId, claims);
}

/** The workflow that the subject names. @throws InvalidEventError with all problems of the event if it names none */
function workflowInSubject(raw: RawEvent): string {
  const subject = readSubject(rawSubject(raw), raw.attributes?.['type']);
  if (subject.kind === 'target') return subject.target.workflowId;
  const check = checkEvent(raw);
  const problems = check.kind === 'invalid' ? check.problems : [];
  const others = problems.filter(({ attribute }) => attribute !== 'subject');
  const unread = raw.problems.find(({ attribute }) => attribute === 'subject');
  throw new InvalidEventError([...others, unread ?? subject.problem]);
}

function claimsOf({ attributes }: Pick<RawEvent, 'attributes'>): EventClaims {
  return { eventId: claimIn(attributes?.['id']), source: claimIn(attributes?.['source']) };
}

/** Resolves when all accepted events are dispatched; rejected events have no dispatch. */
function allDispatched(accepting: readonly Promise<Acceptance>[]): Promise<unknown> {
  return Promise.allSettled(accepting.map(async (one) => (await one).dispatched));
}

/** The beginning of an unchecked attribute; undefined if it is not a string. */
function claimIn(attribute: unknown): string | undefined {
  return typeof attribute === 'string' ? attribute.slice(0, CLAIM_CHARS_MAX) : undefined;
}
