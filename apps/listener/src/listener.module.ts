import { SecretKeys, SecretsKeyCheck, WorkflowAccess } from '@app/auth';
import { type AppProcess, jsonLimits, memoryBytesMax, persistenceSettings } from '@app/bootstrap';
import { FlowConfigModule } from '@app/config';
import { CompiledFilters, filterLimits } from '@app/filters';
import { type Dispatcher } from '@app/messaging';
import { FlowMetrics, type Log, ObservabilityModule } from '@app/observability';
import {
  ActivityStore,
  KeyChecks,
  MongoLink,
  PersistenceModule,
  RejectedRequestStore,
  WorkflowCache,
} from '@app/persistence';
import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { DecidedRejections } from './decisions/decided-rejections.js';
import { decisionProviders } from './decision-providers.js';
import { DecisionLog } from './decisions/decision-log.js';
import { DEFAULT_RETRY_SETTINGS, DispatchRetries } from './acceptance/dispatch-retries.js';
import { EventAcceptance } from './acceptance/event-acceptance.js';
import { Subscriptions } from './acceptance/subscriptions.js';
import { SpooledContents } from './acceptance/spooled-contents.js';
import { BacklogGuard, BacklogLimit } from './ingress/bounds/backlog-limit.js';
import { type IngressLimits, bodyBoundsOf } from './ingress/bounds/ingress-limits.js';
import { CallbackController } from './ingress/callbacks/callback.controller.js';
import { CallbackReception } from './ingress/callbacks/callback-reception.js';
import { EventController } from './ingress/events/event.controller.js';
import { EventsReception } from './ingress/events/events-reception.js';
import { EventReception } from './ingress/events/event-reception.js';
import { RejectedRequestReport } from './ingress/rejections/rejected-request.filter.js';
import { Receipts } from './ingress/receipts.js';
import { WebhookController } from './ingress/webhooks/webhook.controller.js';
import { WebhookReception } from './ingress/webhooks/webhook-reception.js';
import { type Eventing } from './eventing.js';
import { SignatureCheck } from './providers/signature-check.js';
import { ListenerConfig } from './listener.config.js';

const INGRESS_LIMITS = Symbol('IngressLimits');

@Module({})
export class ListenerModule {
  static register(
    { config, log }: AppProcess<ListenerConfig>,
    metrics: FlowMetrics,
    eventing: Eventing,
  ): DynamicModule {
    return {
      module: ListenerModule,
      imports: [
        FlowConfigModule.register(config),
        ObservabilityModule.register(log, metrics),
        PersistenceModule.forRoot(persistenceSettings(config, metrics)),
      ],
      controllers: [EventController, WebhookController, CallbackController],
      providers: [
        ...acceptanceProviders(eventing, metrics, log),
        ...decisionProviders(metrics, log),
        ...ingressProviders(metrics),
        callbackProvider(eventing.dispatcher),
        secretsKeyCheckProvider(config, log),
      ],
    };
  }
}

function acceptanceProviders(
  eventing: Eventing,
  metrics: FlowMetrics,
  log: Log,
): readonly Provider[] {
  return [
    {
      provide: EventAcceptance,
      inject: [
        ListenerConfig,
        ActivityStore,
        MongoLink,
        DispatchRetries,
        CompiledFilters,
        DecisionLog,
      ],
      useFactory: (
        config: ListenerConfig,
        store: ActivityStore,
        link: MongoLink,
        retries: DispatchRetries,
        filters: CompiledFilters,
        decisions: DecisionLog,
      ) => {
        const spooled = new SpooledContents({
          bytesMax: config.SPOOLED_CONTENTS_BYTES_MAX,
          ageMsMax: config.SPOOLED_CONTENTS_MS_MAX,
        });
        const clock = link.clock.now;
        const known = { spooled, filters, decisions };
        const parts = { store, ...eventing, ...known, retries, clock, metrics, log };
        return new EventAcceptance(parts);
      },
    },
    {
      provide: DispatchRetries,
      inject: [ListenerConfig],
      useFactory: ({ UNDISPATCHED_MAX: waitingMax }: ListenerConfig) =>
        new DispatchRetries(eventing.dispatcher, { ...DEFAULT_RETRY_SETTINGS, waitingMax }),
    },
    {
      provide: CompiledFilters,
      inject: [ListenerConfig],
      useFactory: (config: ListenerConfig) => new CompiledFilters(filterLimits(config)),
    },
  ];
}

/** What the ingress reads within; of it there is one, because it counts the bytes of all bodies. */
function ingressLimits(config: ListenerConfig, metrics: FlowMetrics): IngressLimits {
  const bodies = bodyBoundsOf(config, memoryBytesMax());
  metrics.reportInFlight('body_bytes', () => bodies.known.heldBytes);
  metrics.reportInFlight('unknown_body_bytes', () => bodies.unknown.heldBytes);
  return {
    bodies,
    requestBytesMax: config.WEBHOOK_REQUEST_BYTES_MAX,
    events: {
      ...jsonLimits(config),
      batchEventsMax: config.BATCH_EVENTS_MAX,
    },
  };
}

function ingressProviders(metrics: FlowMetrics): readonly Provider[] {
  return [
    {
      provide: INGRESS_LIMITS,
      inject: [ListenerConfig],
      useFactory: (config: ListenerConfig) => ingressLimits(config, metrics),
    },
    { provide: SignatureCheck, inject: [ListenerConfig], useFactory: signatureCheck },
    {
      provide: WorkflowAccess,
      inject: [ListenerConfig, WorkflowCache, RejectedRequestStore, DecisionLog],
      useFactory: (
        config: ListenerConfig,
        workflows: WorkflowCache,
        rejectedRequests: RejectedRequestStore,
        decisions: DecisionLog,
      ) =>
        new WorkflowAccess(
          workflows,
          new DecidedRejections(rejectedRequests, decisions),
          Date.now,
          config.EVENTING_AUTH_ENABLED,
        ),
    },
    ...receptionProviders(),
    {
      provide: BacklogLimit,
      inject: [ListenerConfig, ActivityStore, MongoLink],
      useFactory: (config: ListenerConfig, store: ActivityStore, { clock }: MongoLink) =>
        new BacklogLimit({
          backlogMax: config.BACKLOG_MAX,
          count: async (countMax) => {
            const query = { countMax, now: clock.now(), statuses: ['queued'] } as const;
            return (await store.backlog(query))['queued'] ?? 0;
          },
        }),
    },
    BacklogGuard,
    {
      provide: Receipts,
      inject: [ListenerConfig],
      useFactory: ({ PUBLIC_API_URL }: ListenerConfig) => new Receipts(PUBLIC_API_URL),
    },
  ];
}

function receptionProviders(): readonly Provider[] {
  return [
    {
      provide: EventsReception,
      inject: [WorkflowAccess, EventAcceptance, CompiledFilters, DecisionLog, INGRESS_LIMITS],
      useFactory: (
        access: WorkflowAccess,
        acceptance: EventAcceptance,
        filters: CompiledFilters,
        decisions: DecisionLog,
        limits: IngressLimits,
      ) => new EventsReception(access, acceptance, new Subscriptions(filters), decisions, limits),
    },
    {
      provide: EventReception,
      inject: [WorkflowAccess, EventAcceptance, RejectedRequestReport, DecisionLog, INGRESS_LIMITS],
      useFactory: (
        access: WorkflowAccess,
        acceptance: EventAcceptance,
        report: RejectedRequestReport,
        decisions: DecisionLog,
        limits: IngressLimits,
      ) => new EventReception(access, acceptance, report, decisions, limits),
    },
    {
      provide: WebhookReception,
      inject: [WorkflowAccess, EventAcceptance, SignatureCheck, DecisionLog, INGRESS_LIMITS],
      useFactory: (
        access: WorkflowAccess,
        acceptance: EventAcceptance,
        signatures: SignatureCheck,
        decisions: DecisionLog,
        limits: IngressLimits,
      ) => new WebhookReception(access, acceptance, signatures, decisions, Date.now, limits),
    },
  ];
}

function callbackProvider(dispatcher: Dispatcher): Provider {
  return {
    provide: CallbackReception,
    inject: [ListenerConfig, WorkflowAccess, ActivityStore, MongoLink, INGRESS_LIMITS],
    useFactory: (
      { CALLBACK_BYTES_MAX: callbackBytesMax }: ListenerConfig,
      access: WorkflowAccess,
      store: ActivityStore,
      { clock }: MongoLink,
      ingress: IngressLimits,
    ) => {
      const limits = { ...ingress, callbackBytesMax };
      return new CallbackReception({ access, store, dispatcher, clock: clock.now, limits });
    },
  };
}

function secretsKeyCheckProvider(config: ListenerConfig, log: Log): Provider {
  return {
    provide: SecretsKeyCheck,
    inject: [MongoLink],
    useFactory: (link: MongoLink) =>
      new SecretsKeyCheck(secretKeys(config), new KeyChecks(link), link, log),
  };
}

function secretKeys({ SECRETS_KEY, SECRETS_KEY_PREVIOUS }: ListenerConfig): SecretKeys {
  return new SecretKeys(SECRETS_KEY, SECRETS_KEY_PREVIOUS);
}

function signatureCheck(config: ListenerConfig): SignatureCheck {
  return new SignatureCheck({
    keys: secretKeys(config),
    clock: Date.now,
    ageMsMax: config.SIGNATURE_AGE_MS_MAX,
  });
}
