import { SecretKeys, SecretsKeyCheck, WorkflowAccess } from '@app/auth';
import { type AppProcess, jsonLimits, memoryBytesMax, persistenceSettings } from '@app/bootstrap';
import { FlowConfigModule } from '@app/config';
import { CompiledFilters, filterLimits } from '@app/filters';
import { FlowMetrics, type Log, ObservabilityModule } from '@app/observability';
import {
  ActivityStore,
  KeyChecks,
  MongoLink,
  PersistenceModule,
  RejectedRequestStore,
  RunQuotas,
  WorkflowCache,
} from '@app/persistence';
import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { DecidedRejections } from './decisions/decided-rejections.js';
import { decisionProviders } from './decision-providers.js';
import { DecisionLog } from './decisions/decision-log.js';
import { DEFAULT_RETRY_SETTINGS, DispatchRetries } from './acceptance/dispatch-retries.js';
import { EventAcceptance } from './acceptance/event-acceptance.js';
import { SpooledContents } from './acceptance/spooled-contents.js';
import { BacklogGuard, BacklogLimit } from './ingress/bounds/backlog-limit.js';
import { type IngressLimits, bodyBoundsOf } from './ingress/bounds/ingress-limits.js';
import { CallbackController } from './ingress/callbacks/callback.controller.js';
import { EventController } from './ingress/events/event.controller.js';
import { Receipts } from './ingress/receipts.js';
import { WebhookController } from './ingress/webhooks/webhook.controller.js';
import { type Eventing } from './eventing.js';
import { SignatureCheck } from './providers/signature-check.js';
import { waitingRunProviders } from './waiting-run-providers.js';
import { ListenerConfig } from './listener.config.js';
import { receptionProviders } from './reception-providers.js';

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
        PersistenceModule.forRoot(persistenceSettings(config, metrics, log)),
      ],
      controllers: [EventController, WebhookController, CallbackController],
      providers: [
        ...acceptanceProviders(eventing, metrics, log),
        ...decisionProviders(metrics, log),
        ...ingressProviders(metrics),
        ...waitingRunProviders(eventing.dispatcher, INGRESS_LIMITS),
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
        RunQuotas,
      ],
      useFactory: (
        config: ListenerConfig,
        store: ActivityStore,
        link: MongoLink,
        retries: DispatchRetries,
        filters: CompiledFilters,
        decisions: DecisionLog,
        quotas: RunQuotas,
      ) => {
        const spooled = new SpooledContents({
          bytesMax: config.SPOOLED_CONTENTS_BYTES_MAX,
          ageMsMax: config.SPOOLED_CONTENTS_MS_MAX,
        });
        const clock = link.clock.now;
        const known = { spooled, filters, decisions, quotas };
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

/** The limits of the ingress. There must be one instance, because it counts the bytes of all bodies. */
function ingressLimits(config: ListenerConfig, metrics: FlowMetrics): IngressLimits {
  const bodies = bodyBoundsOf(config, memoryBytesMax());
  metrics.gauges.inFlight('body_bytes', () => bodies.known.heldBytes);
  metrics.gauges.inFlight('unknown_body_bytes', () => bodies.unknown.heldBytes);
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
    ...receptionProviders(INGRESS_LIMITS),
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
