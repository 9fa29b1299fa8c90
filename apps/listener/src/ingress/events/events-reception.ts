import { type WorkflowAccess } from '@app/auth';
import {
  type CloudEvent,
  contentModeOf,
  contextAttributes,
  readHttpMessage,
  requireEvent,
  stripReserved,
} from '@app/events';
import { type Workflow } from '@app/persistence';
import type { EventsReceipt } from '@flow-eventing/events';
import { type FastifyRequest } from 'fastify';
import { type EventAcceptance } from '../../acceptance/event-acceptance.js';
import { type Subscriptions } from '../../acceptance/subscriptions.js';
import { type IngressLimits } from '../bounds/ingress-limits.js';
import { BatchForOneError } from '../errors.js';
import { IncomingBody, withBody } from '../incoming-body.js';
import { RequestCredentials } from '../request-credentials.js';
import { explainInUrl } from '../request-query.js';
import { withTraceparent } from '../trace-context.js';

/** Of workflows that do not want an event, so many are told. */
const NOT_MATCHED_MAX = 100;

export interface EventsReceived {
  readonly receipt: EventsReceipt;
  readonly dispatched: Promise<unknown>;
}

/**
 * Takes an event that names no workflow, for all that its token may start and that want it. To the sender they
 * are one: success says that each is recorded, and who repeats what failed completes the rest.
 */
export class EventsReception {
  constructor(
    private readonly access: WorkflowAccess,
    private readonly acceptance: EventAcceptance,
    private readonly subscriptions: Subscriptions,
    private readonly limits: IngressLimits,
  ) {}

  /** @throws FlowError when it is refused */
  async receive(request: FastifyRequest): Promise<EventsReceived> {
    const credentials = await RequestCredentials.of(request, 'event', this.access);
    const explain = explainInUrl(request);
    const workflows = await credentials.workflows();
    const mode = contentModeOf(request.headers);
    return withBody(new IncomingBody(request, this.limits.bodies), async (body) => {
      await body.admit();
      const message = readHttpMessage(mode, request.headers, await body.read(), this.limits.events);
      if (message.kind !== 'event') throw new BatchForOneError();
      const { traceparent } = request.headers;
      const trace = typeof traceparent === 'string' ? traceparent : undefined;
      const event = withTraceparent(stripReserved(requireEvent(message.event)).event, trace);
      return this.#accept(event, workflows, explain);
    });
  }

  async #accept(
    event: CloudEvent,
    workflows: readonly Workflow[],
    explain: boolean,
  ): Promise<EventsReceived> {
    const wanting = this.subscriptions.matching(workflows, event);
    const acceptances = await this.acceptance.acceptAll(
      wanting.map((workflow) => ({ workflow, trigger: 'event', event })),
    );
    const activities = acceptances.flatMap((one, at) => {
      const workflowId = wanting[at]?.id ?? '';
      if (one.kind !== 'accepted') return [];
      return { workflowId, activityid: one.activityId, replayed: one.replayed };
    });
    const others = explain ? this.#notMatched(event, workflows, wanting) : undefined;
    const receipt = {
      ...contextAttributes(event),
      activities,
      ...(others && { notMatched: others }),
    } as unknown as EventsReceipt;
    return { receipt, dispatched: Promise.all(acceptances.map(({ dispatched }) => dispatched)) };
  }

  #notMatched(
    event: CloudEvent,
    workflows: readonly Workflow[],
    wanting: readonly Workflow[],
  ): EventsReceipt['notMatched'] {
    const taken = new Set(wanting);
    const others = workflows.filter((workflow) => !taken.has(workflow)).slice(0, NOT_MATCHED_MAX);
    return this.subscriptions.reasons(others, event);
  }
}
