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
import { textsAtBeginning } from '../beginning.js';
import { withTraceparent } from '../trace-context.js';

/** Of what a refused sender says of itself, no more goes on record. */
const CLAIM_CHARS_MAX = 256;

/** What an event says of itself that is looked for before it is read. */
const CLAIMED: ReadonlySet<string> = new Set(['id', 'source', 'subject', 'type']);

/** To read more than so many bytes as JSON is work that only a sender with a right token gets. */
const STRANGERS_BYTES_MAX = 64 * 1024;

/** Of what is decided here. */
const EVENT = { trigger: 'event' } as const;

export type Received = (
  | { readonly kind: 'event'; readonly acceptance: Acceptance }
  /** An entry for each event of the batch, in its order. */
  | { readonly kind: 'batch'; readonly entries: readonly BatchEntry[] }
) & {
  /** Resolves when nothing of what came is needed any more. */
  readonly dispatched: Promise<unknown>;
};

/** Takes CloudEvents, in whichever mode they come, through the checks of docs/design.md#order-of-checks. */
export class EventReception {
  constructor(
    private readonly access: WorkflowAccess,
    private readonly acceptance: EventAcceptance,
    private readonly report: RejectedRequestReport,
    private readonly decisions: Pick<DecisionLog, 'of'>,
    private readonly forRuns: EventsForRuns,
    private readonly limits: IngressLimits,
  ) {}

  /** @throws FlowError when it is refused; events of a batch are refused each by itself */
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
    return readHttpMessage(mode, request.headers, bytes, this.limits.events);
  }

  /** The workflow, where the head names it: in the URL, or with the subject in a header. */
  async #namedEarly(
    request: FastifyRequest,
    credentials: RequestCredentials,
    mode: ContentMode,
  ): Promise<Workflow | undefined> {
    const inUrl = await credentials.workflowInUrl();
    if (inUrl || mode !== 'binary') return inUrl;
    const { attributes } = attributesFromHeaders(request.headers);
    const subject = readSubject(attributes['subject'], attributes['type']);
    if (subject.kind !== 'target') return undefined;
    return credentials.workflow(subject.target.workflowId, claimsOf({ attributes }));
  }

  /** Of a large body the sender is looked at as soon as its beginning names the workflow. */
  #judgeOf(credentials: RequestCredentials, body: IncomingBody): Judge {
    return (beginning) => workflowNamedIn(credentials, beginning)?.then(() => body.admit());
  }

  /**
   * Before a large body is read as JSON: an event is judged by the subject that a scan finds, and a
   * batch, whose events may be for several workflows, by whether its token is anybody's.
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
          this.report.tell(rejection, request);
        }),
      ),
    );
    return { kind: 'batch', entries, dispatched: allDispatched(accepting) };
  }

  /** Without a workflow in the head the subject names it, and its token is checked before the event. */
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
    const sent = await this.forRuns.sentByTheWay(workflow, event, subjectTopic(event, workflow));
    if (sent !== undefined && isOff(workflow)) return this.forRuns.match(workflow, event, sent);
    credentials.requireTrigger(workflow, { eventId: event.id, source: event.source });
    const accepting = this.acceptance.accept({ workflow, trigger: 'event', event });
    if (sent === undefined) return accepting;
    const acceptance = await accepting.catch(undefinedIfFull);
    const signalled = await this.forRuns.match(workflow, event, sent);
    return acceptance ? besides(acceptance, signalled) : signalled;
  }
}

/** Runs that were begun while there was room have what they wait for: their month is no other. */
function undefinedIfFull(error: unknown): undefined {
  if (!(error instanceof QuotaExceededError)) throw error;
}

/** Whether no event starts it, though it is active. */
function isOff({ status, triggers }: Workflow): boolean {
  return status === 'active' && triggers.event?.enabled !== true;
}

/** In a subject that names the workflow. */
function subjectTopic({ subject }: CloudEvent, workflow: Workflow): string | undefined {
  const reading = parseSubject(subject);
  const isNamed = reading.kind === 'target' && reading.target.workflowId === workflow.id;
  return isNamed ? reading.target.topic : undefined;
}

/** An event may start a run, and be what another one waits for. */
function besides(acceptance: Acceptance, signalled: Signalled): Acceptance {
  if (acceptance.kind !== 'accepted') return signalled;
  const { activities } = signalled.receipt;
  if (activities.length === 0) return acceptance;
  return { ...acceptance, receipt: { ...acceptance.receipt, signalled: activities } };
}

/** The workflow that the top of an event in JSON names, if it does and the sender may start it. */
function workflowNamedIn(
  credentials: RequestCredentials,
  text: Buffer,
): Promise<Workflow> | undefined {
  const texts = textsAtBeginning(text, CLAIMED);
  const subject = readSubject(texts.get('subject'), texts.get('type'));
  if (subject.kind !== 'target') return undefined;
  const claims = claimsOf({ attributes: Object.fromEntries(texts) });
  return credentials.workflow(subject.target.workflowId, claims);
}

/** @throws InvalidEventError with everything that is wrong, when the subject names no workflow */
function workflowInSubject(raw: RawEvent): string {
  const subject = readSubject(rawSubject(raw), raw.attributes?.['type']);
  if (subject.kind === 'target') return subject.target.workflowId;
  const check = checkEvent(raw);
  const problems = check.kind === 'invalid' ? check.problems : [];
  const others = problems.filter(({ attribute }) => attribute !== 'subject');
  throw new InvalidEventError([...others, subject.problem]);
}

function claimsOf({ attributes }: Pick<RawEvent, 'attributes'>): EventClaims {
  return { eventId: claimIn(attributes?.['id']), source: claimIn(attributes?.['source']) };
}

/** Of those that were refused there is nothing to wait for. */
function allDispatched(accepting: readonly Promise<Acceptance>[]): Promise<unknown> {
  return Promise.allSettled(accepting.map(async (one) => (await one).dispatched));
}

/** It is not checked yet, so it may be anything. */
function claimIn(attribute: unknown): string | undefined {
  return typeof attribute === 'string' ? attribute.slice(0, CLAIM_CHARS_MAX) : undefined;
}
