import { randomUUID } from 'node:crypto';
import { type WorkflowAccess } from '@app/auth';
import {
  genericWebhookEvent,
  readJsonBody,
  requireJsonContentType,
  withTraceparent,
} from '@app/events';
import { readBody } from '@app/http';
import { type FastifyRequest } from 'fastify';
import { type Acceptance, type EventAcceptance } from '../acceptance/event-acceptance.js';
import { type DoorLimits } from './door-limits.js';
import { WebhookTypeUnsupportedError, WorkflowNotNamedError } from './errors.js';
import { queryParameter } from './request-query.js';
import { Sender } from './sender.js';

/** Makes a CloudEvent of a webhook that has no form of its own, and takes it through the same door. */
export class WebhookReception {
  constructor(
    private readonly access: WorkflowAccess,
    private readonly acceptance: EventAcceptance,
    private readonly clock: () => number,
    private readonly limits: DoorLimits,
  ) {}

  /** @throws FlowError when it is refused */
  async receive(request: FastifyRequest): Promise<Acceptance> {
    const sender = await Sender.of(request, 'webhook', this.access);
    requireJsonContentType(request.headers);
    const type = queryParameter(request, 'type') ?? 'generic';
    if (type !== 'generic') throw new WebhookTypeUnsupportedError();
    const workflow = await sender.workflowInUrl();
    if (!workflow) throw new WorkflowNotNamedError();
    const body = await readBody(request, { bytesMax: this.limits.bodyBytesMax });

    const { 'idempotency-key': deliveryId, traceparent } = request.headers;
    const event = genericWebhookEvent({
      workflowId: workflow.id,
      data: readJsonBody(body, this.limits.events),
      deliveryId: typeof deliveryId === 'string' ? deliveryId : undefined,
      requestId: randomUUID(),
      now: this.clock(),
    });
    sender.requireTrigger(workflow, { eventId: event.id, source: event.source });
    const trace = typeof traceparent === 'string' ? traceparent : undefined;
    const traced = withTraceparent(event, trace);
    return this.acceptance.accept({ workflow, trigger: 'webhook', event: traced });
  }
}
