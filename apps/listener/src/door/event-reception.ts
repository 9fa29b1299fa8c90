import { type WorkflowAccess } from '@app/auth';
import {
  checkEvent,
  contentModeOf,
  InvalidEventError,
  parseSubject,
  type RawEvent,
  rawSubject,
  readHttpMessage,
  requireEvent,
  stripReserved,
  withTraceparent,
} from '@app/events';
import { readBody } from '@app/http';
import { type Workflow } from '@app/persistence';
import { type FastifyRequest } from 'fastify';
import { type Acceptance, type EventAcceptance } from '../acceptance/event-acceptance.js';
import { type BatchEntry, batchEntryOf } from './batch-entry.js';
import { type DoorLimits } from './door-limits.js';
import { type RefusalReport } from './refusal-report.js';
import { type EventClaims, Sender } from './sender.js';

/** Of what a refused sender says of itself, no more goes on record. */
const CLAIM_CHARS_MAX = 256;

export type Received =
  | { readonly kind: 'event'; readonly acceptance: Acceptance }
  /** An entry for each event of the batch, in its order. */
  | { readonly kind: 'batch'; readonly entries: readonly BatchEntry[] };

/** Takes CloudEvents, in whichever mode they come, through the checks of design section 12. */
export class EventReception {
  constructor(
    private readonly access: WorkflowAccess,
    private readonly acceptance: EventAcceptance,
    private readonly report: RefusalReport,
    private readonly limits: DoorLimits,
  ) {}

  /** @throws FlowError when it is refused; events of a batch are refused each by itself */
  async receive(request: FastifyRequest): Promise<Received> {
    const sender = await Sender.of(request, 'event', this.access);
    const mode = contentModeOf(request.headers);
    const workflow = await sender.workflowInUrl();
    const body = await readBody(request, { bytesMax: this.limits.bodyBytesMax });
    const message = readHttpMessage(mode, request.headers, body, this.limits.events);

    const { traceparent } = request.headers;
    const trace = typeof traceparent === 'string' ? traceparent : undefined;
    const accept = (raw: RawEvent): Promise<Acceptance> =>
      this.#accept(raw, sender, workflow, trace);
    if (message.kind === 'event') return { kind: 'event', acceptance: await accept(message.event) };
    const entries = message.events.map((raw) =>
      batchEntryOf(raw, accept(raw), (refusal) => {
        this.report.tell(refusal, request);
      }),
    );
    return { kind: 'batch', entries: await Promise.all(entries) };
  }

  /** Without a workflow in the URL the subject names it, and its token is checked before the event. */
  async #accept(
    raw: RawEvent,
    sender: Sender,
    inUrl: Workflow | undefined,
    trace: string | undefined,
  ): Promise<Acceptance> {
    const workflow = inUrl ?? (await sender.workflow(workflowInSubject(raw), claimsOf(raw)));
    const event = withTraceparent(stripReserved(requireEvent(raw)).event, trace);
    sender.requireTrigger(workflow, { eventId: event.id, source: event.source });
    return this.acceptance.accept({ workflow, trigger: 'event', event });
  }
}

/** @throws InvalidEventError with everything that is wrong, when the subject names no workflow */
function workflowInSubject(raw: RawEvent): string {
  const subject = parseSubject(rawSubject(raw));
  if (subject.kind === 'target') return subject.target.workflowId;
  const check = checkEvent(raw);
  const problems = check.kind === 'invalid' ? check.problems : [];
  const others = problems.filter(({ attribute }) => attribute !== 'subject');
  throw new InvalidEventError([...others, subject.problem]);
}

function claimsOf({ attributes }: RawEvent): EventClaims {
  return { eventId: claimIn(attributes?.['id']), source: claimIn(attributes?.['source']) };
}

/** It is not checked yet, so it may be anything. */
function claimIn(attribute: unknown): string | undefined {
  return typeof attribute === 'string' ? attribute.slice(0, CLAIM_CHARS_MAX) : undefined;
}
