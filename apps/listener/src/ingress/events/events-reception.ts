import { type WorkflowAccess } from '@app/auth';
import {
  type CloudEvent,
  type ContentMode,
  contentModeOf,
  contextAttributes,
  readHttpMessage,
  requireEvent,
  stripReserved,
} from '@app/events';
import { type FilterSubject } from '@app/filters';
import { QuotaExceededError, type Workflow } from '@app/persistence';
import type { EventsReceipt } from '@flow-eventing/events';
import { type FastifyRequest } from 'fastify';
import { type EventAcceptance } from '../../acceptance/event-acceptance.js';
import { type Subscriptions } from '../../acceptance/subscriptions.js';
import { decidedClauses } from '../../decisions/decided-clauses.js';
import { type DecisionLog } from '../../decisions/decision-log.js';
import { type IngressLimits } from '../bounds/ingress-limits.js';
import { BatchForOneError } from '../errors.js';
import { IncomingBody, withBody } from '../incoming-body.js';
import { RequestCredentials } from '../request-credentials.js';
import { explainInUrl } from '../request-query.js';
import { type EventsForRuns } from './events-for-runs.js';
import { withTraceparent } from '../trace-context.js';

/** For one event, this many decisions of filters that do not match are recorded. */
const DECIDED_MAX = 20;

/** An answer lists this many workflows that an event did not start. */
const NOT_MATCHED_MAX = 100;

export interface EventsReceived {
  readonly receipt: EventsReceipt;
  readonly dispatched: Promise<unknown>;
}

/**
 * Takes an event that names no workflow, for all workflows that its token may start and whose trigger matches. Success
 * means that all activities are recorded. A sender that repeats a failed request completes the rest.
 */
export class EventsReception {
  constructor(
    private readonly access: WorkflowAccess,
    private readonly acceptance: EventAcceptance,
    private readonly subscriptions: Subscriptions,
    private readonly decisions: Pick<DecisionLog, 'add' | 'of' | 'hasRoomFor'>,
    private readonly forRuns: EventsForRuns,
    private readonly limits: IngressLimits,
  ) {}

  /** @throws FlowError if the request is rejected */
  async receive(request: FastifyRequest): Promise<EventsReceived> {
    const credentials = await RequestCredentials.of(request, 'event', this.access);
    const explain = explainInUrl(request);
    const workflows = await credentials.workflows();
    const mode = contentModeOf(request.headers);
    return withBody(new IncomingBody(request, this.limits.bodies), async (body) => {
      await body.admit();
      const event = await this.decisions.of(
        () => ({ trigger: 'event', remoteAddress: request.ip }),
        () => this.#read(request, mode, body),
      );
      return this.#accept(event, workflows, explain);
    });
  }

  async #read(request: FastifyRequest, mode: ContentMode, body: IncomingBody): Promise<CloudEvent> {
    const message = readHttpMessage(mode, request.raw, await body.read(), this.limits.events);
    if (message.kind !== 'event') throw new BatchForOneError();
    const { traceparent } = request.headers;
    const trace = typeof traceparent === 'string' ? traceparent : undefined;
    return withTraceparent(stripReserved(requireEvent(message.event)).event, trace);
  }

  async #accept(
    event: CloudEvent,
    workflows: readonly Workflow[],
    explain: boolean,
  ): Promise<EventsReceived> {
    const { wanting, filtering, subject } = this.subscriptions.matching(workflows, event);
    this.#decideAgainst(filtering, event, subject);
    let full: QuotaExceededError | undefined;
    const acceptances = await this.acceptance
      .acceptForAll(wanting.map((workflow) => ({ workflow, trigger: 'event', event, subject })))
      .catch((error: unknown) => {
        if (!(error instanceof QuotaExceededError)) throw error;
        full = error;
        return [];
      });
    const activities = acceptances.flatMap((one, at) => {
      const workflowId = wanting[at]?.id ?? '';
      if (one?.kind !== 'accepted') return [];
      return { workflowId, activityid: one.activityId, replayed: one.replayed };
    });
    // Waiting runs get the event even if it starts nothing, and the request then succeeds.
    const ofRuns = await this.forRuns.matchAll(workflows, event);
    if (full && !ofRuns.signalled && !ofRuns.kept) throw full;
    const others = explain ? this.#notMatched(subject, workflows, wanting) : undefined;
    const receipt = {
      ...contextAttributes(event),
      activities,
      ...ofRuns,
      ...(others && { notMatched: others }),
    } as unknown as EventsReceipt;
    return {
      receipt,
      dispatched: Promise.all(acceptances.flatMap((one) => one?.dispatched ?? [])),
    };
  }

  /** Records decisions of some of the filters that do not match, from a random position of the list. */
  #decideAgainst(filtering: readonly Workflow[], event: CloudEvent, subject: FilterSubject): void {
    const { id: eventId, source, type } = event;
    const begin = Math.floor(Math.random() * filtering.length);
    const some = [...filtering.slice(begin), ...filtering.slice(0, begin)].slice(0, DECIDED_MAX);
    for (const workflow of some) {
      const facts = { workflowId: workflow.id, trigger: 'event', eventId, source, type } as const;
      const decision = { ...facts, outcome: 'filtered' } as const;
      const isExplained = this.decisions.hasRoomFor(decision);
      const explanation = isExplained && this.subscriptions.explain(workflow, subject);
      this.decisions.add({
        ...decision,
        clauses: explanation ? decidedClauses(explanation) : undefined,
      });
    }
  }

  #notMatched(
    subject: FilterSubject,
    workflows: readonly Workflow[],
    wanting: readonly Workflow[],
  ): EventsReceipt['notMatched'] {
    const taken = new Set(wanting);
    const others = workflows.filter((workflow) => !taken.has(workflow)).slice(0, NOT_MATCHED_MAX);
    return this.subscriptions.reasons(others, subject);
  }
}
