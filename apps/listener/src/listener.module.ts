import { SecretKeys, WorkflowAccess } from '@app/auth';
import { type AppProcess, jsonLimits, memoryBytesMax, persistenceSettings } from '@app/bootstrap';
import { CompiledFilters } from '@app/filters';
import { FlowMetrics, ObservabilityModule } from '@app/observability';
import {
  ActivityStore,
  MongoLink,
  PersistenceModule,
  RejectedRequestStore,
  WorkflowCache,
} from '@app/persistence';
import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { DEFAULT_RETRY_SETTINGS, DispatchRetries } from './acceptance/dispatch-retries.js';
import { EventAcceptance } from './acceptance/event-acceptance.js';
import { SpooledContents } from './acceptance/spooled-contents.js';
import { BacklogGuard, BacklogLimit } from './ingress/bounds/backlog-limit.js';
import { type IngressLimits, bodyBoundsOf } from './ingress/bounds/ingress-limits.js';
import { EventController } from './ingress/events/event.controller.js';
import { EventReception } from './ingress/events/event-reception.js';
import { Receipts } from './ingress/receipts.js';
import { RejectedRequestReport } from './ingress/rejections/rejected-request.filter.js';
import { WebhookController } from './ingress/webhooks/webhook.controller.js';
import { WebhookReception } from './ingress/webhooks/webhook-reception.js';
import { type Eventing } from './eventing.js';
import { SignatureCheck } from './providers/signature-check.js';
import { type ListenerConfig } from './listener.config.js';

@Module({})
export class ListenerModule {
  static register(
    { config, log }: AppProcess<ListenerConfig>,
    metrics: FlowMetrics,
    eventing: Eventing,
  ): DynamicModule {
    const spooled = new SpooledContents({
      bytesMax: config.SPOOLED_CONTENTS_BYTES_MAX,
      ageMsMax: config.SPOOLED_CONTENTS_MS_MAX,
    });
    return {
      module: ListenerModule,
      imports: [
        ObservabilityModule.register(log, metrics),
        PersistenceModule.forRoot(persistenceSettings(config, metrics)),
      ],
      controllers: [EventController, WebhookController],
      providers: [
        {
          provide: EventAcceptance,
          inject: [ActivityStore, MongoLink, DispatchRetries],
          useFactory: (store: ActivityStore, link: MongoLink, retries: DispatchRetries) => {
            const clock = link.clock.now;
            const filters = new CompiledFilters();
            const parts = { store, ...eventing, spooled, filters, retries, clock, metrics, log };
            return new EventAcceptance(parts);
          },
        },
        {
          provide: DispatchRetries,
          useValue: new DispatchRetries(eventing.dispatcher, {
            ...DEFAULT_RETRY_SETTINGS,
            waitingMax: config.UNDISPATCHED_MAX,
          }),
        },
        { provide: RejectedRequestReport, useValue: new RejectedRequestReport(metrics, log) },
        ...ingressProviders(config, metrics),
      ],
    };
  }
}

function ingressProviders(config: ListenerConfig, metrics: FlowMetrics): readonly Provider[] {
  const bodies = bodyBoundsOf(config, memoryBytesMax());
  metrics.reportInFlight('body_bytes', () => bodies.known.heldBytes);
  metrics.reportInFlight('unknown_body_bytes', () => bodies.unknown.heldBytes);
  const signatures = signatureCheck(config);
  const limits: IngressLimits = {
    bodies,
    requestBytesMax: config.WEBHOOK_REQUEST_BYTES_MAX,
    events: {
      ...jsonLimits(config),
      batchEventsMax: config.BATCH_EVENTS_MAX,
    },
  };
  return [
    {
      provide: WorkflowAccess,
      inject: [WorkflowCache, RejectedRequestStore],
      useFactory: (workflows: WorkflowCache, rejectedRequests: RejectedRequestStore) =>
        new WorkflowAccess(workflows, rejectedRequests, Date.now, config.EVENTING_AUTH_ENABLED),
    },
    {
      provide: EventReception,
      inject: [WorkflowAccess, EventAcceptance, RejectedRequestReport],
      useFactory: (
        access: WorkflowAccess,
        acceptance: EventAcceptance,
        report: RejectedRequestReport,
      ) => new EventReception(access, acceptance, report, limits),
    },
    {
      provide: WebhookReception,
      inject: [WorkflowAccess, EventAcceptance],
      useFactory: (access: WorkflowAccess, acceptance: EventAcceptance) =>
        new WebhookReception(access, acceptance, signatures, Date.now, limits),
    },
    {
      provide: BacklogLimit,
      inject: [ActivityStore],
      useFactory: (store: ActivityStore) =>
        new BacklogLimit({
          backlogMax: config.BACKLOG_MAX,
          count: async (countMax) => (await store.backlog(countMax, ['queued']))['queued'] ?? 0,
        }),
    },
    BacklogGuard,
    { provide: Receipts, useValue: new Receipts(config.PUBLIC_API_URL) },
  ];
}

function signatureCheck(config: ListenerConfig): SignatureCheck {
  return new SignatureCheck({
    keys: new SecretKeys(config.SECRETS_KEY, config.SECRETS_KEY_PREVIOUS),
    clock: Date.now,
    ageMsMax: config.SIGNATURE_AGE_MS_MAX,
  });
}
