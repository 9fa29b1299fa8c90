import { type CloudEvent } from '../event/cloud-event.js';
import { type TriggerKind } from './trigger.js';
import { type WebhookRequest } from './webhook-request.js';

/**
 * Tells an executor that an activity needs attention, with all it takes to begin it without
 * reading its record first. Whatever carries it (JetStream, HTTP) may lose or repeat it.
 */
export interface Dispatch {
  readonly activityId: string;
  readonly workflowId: string;
  /** The immutable version of the workflow that the activity is pinned to; from 1. */
  readonly workflowRevision: number;
  /** What an executor must have to run it (`requirementsOf` of the engine); absent for nothing. */
  readonly requires?: readonly string[] | undefined;
  readonly trigger: TriggerKind;
  /** When the ingress accepted the event, in milliseconds since 1970. */
  readonly acceptedAt: number;
  /** False when MongoDB was down at the ingress: then this message is the only copy of the event. */
  readonly recorded: boolean;
  readonly event: CloudEvent;
  /** Of a webhook. No part of the event: whether one came again is told without it. */
  readonly request?: WebhookRequest | undefined;
}
