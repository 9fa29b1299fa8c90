import { WorkflowAccess } from '@app/auth';
import { signingKeys } from '@app/bootstrap';
import { SignedRoots } from '@app/events';
import { CompiledFilters } from '@app/filters';
import { type Provider } from '@nestjs/common';
import { EventAcceptance } from './acceptance/event-acceptance.js';
import { Subscriptions } from './acceptance/subscriptions.js';
import { DecisionLog } from './decisions/decision-log.js';
import { type IngressLimits } from './ingress/bounds/ingress-limits.js';
import { EventReception } from './ingress/events/event-reception.js';
import { EventsForRuns } from './ingress/events/events-for-runs.js';
import { EventsReception } from './ingress/events/events-reception.js';
import { RejectedRequestReport } from './ingress/rejections/rejected-request.filter.js';
import { WebhookReception } from './ingress/webhooks/webhook-reception.js';
import { ListenerConfig } from './listener.config.js';
import { SignatureCheck } from './providers/signature-check.js';

/** Provides the services that check requests, within limits that they share. */
export function receptionProviders(limits: symbol): readonly Provider[] {
  return [...eventProviders(limits), webhookProvider(limits)];
}

function eventProviders(ingressLimits: symbol): readonly Provider[] {
  return [
    {
      provide: EventsReception,
      inject: [
        WorkflowAccess,
        EventAcceptance,
        CompiledFilters,
        DecisionLog,
        EventsForRuns,
        ingressLimits,
      ],
      useFactory: (
        access: WorkflowAccess,
        acceptance: EventAcceptance,
        filters: CompiledFilters,
        decisions: DecisionLog,
        forRuns: EventsForRuns,
        limits: IngressLimits,
      ) => {
        const subscriptions = new Subscriptions(filters);
        return new EventsReception(access, acceptance, subscriptions, decisions, forRuns, limits);
      },
    },
    {
      provide: EventReception,
      inject: [
        WorkflowAccess,
        EventAcceptance,
        RejectedRequestReport,
        DecisionLog,
        EventsForRuns,
        ingressLimits,
      ],
      useFactory: (
        access: WorkflowAccess,
        acceptance: EventAcceptance,
        report: RejectedRequestReport,
        decisions: DecisionLog,
        forRuns: EventsForRuns,
        limits: IngressLimits,
      ) => new EventReception(access, acceptance, report, decisions, forRuns, limits),
    },
  ];
}

function webhookProvider(ingressLimits: symbol): Provider {
  return {
    provide: WebhookReception,
    inject: [
      WorkflowAccess,
      EventAcceptance,
      SignatureCheck,
      DecisionLog,
      ingressLimits,
      ListenerConfig,
    ],
    useFactory: (
      access: WorkflowAccess,
      acceptance: EventAcceptance,
      signatures: SignatureCheck,
      decisions: DecisionLog,
      limits: IngressLimits,
      config: ListenerConfig,
    ) => {
      const roots = new SignedRoots(signingKeys(config));
      const parts = [access, acceptance, signatures, decisions, Date.now, limits, roots] as const;
      return new WebhookReception(...parts);
    },
  };
}
