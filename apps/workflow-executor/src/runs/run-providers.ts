import { SignedRoots } from '@app/events';
import { SigningKeys } from '@app/signing';
import { EventRoots } from '../tasks/event/event-roots.js';
import { jsonLimits } from '@app/bootstrap';
import { type EventPublisher, TaskPublisher } from '@app/messaging';
import { WEBHOOK_ENTRY } from '@app/workflow-engine';
import { type FlowMetrics, type Log } from '@app/observability';
import { SecretKeys } from '@app/auth';
import { ActivityStore, EventMatcher, MongoLink, ScopeCache } from '@app/persistence';
import { type Provider } from '@nestjs/common';
import { AddressGuard } from '../tasks/http/connecting/address-guard.js';
import { Connections } from '../tasks/http/connecting/connections.js';
import { postJson } from '../tasks/http/post-json.js';
import { CallLimiter } from '../tasks/call-limiter.js';
import { EventTaskHandler } from '../tasks/event/event-task-handler.js';
import { NatsEvents } from '../tasks/event/nats-events.js';
import { HttpTaskHandler } from '../tasks/http/http-task-handler.js';
import { ScriptCheck } from '../tasks/script/script-check.js';
import { ScriptTaskHandler } from '../tasks/script/script-task-handler.js';
import { scriptLimits, scriptTaskHandler } from '../tasks/script/script-task-provider.js';
import { SecretTaskHandler } from '../tasks/secrets/secret-task-handler.js';
import { TaskSecrets } from '../tasks/secrets/task-secrets.js';
import { WorkflowExecutorConfig } from '../workflow-executor.config.js';
import { childDeliveries } from '../children/child-deliveries.js';
import { childProvider } from './child-provider.js';
import { ChildService } from '../children/child-service.js';
import { lockProviders } from '../locks/lock-providers.js';
import { lockDeliveries, slotDeliveries } from '../locks/lock-deliveries.js';
import { LockService } from '../locks/lock-service.js';
import { SlotService } from '../locks/slot-service.js';
import { eventWaitDeliveries } from '../outbox/event-wait-delivery.js';
import { DOCKER_HUB_ENTRY } from '../outbox/answer-docker-hub.js';
import { DockerHubDelivery } from '../outbox/docker-hub-delivery.js';
import { DeliveryService } from '../outbox/delivery-service.js';
import { type OutboxDeliveries, type OutboxDelivery } from '../outbox/outbox-delivery.js';
import { workerDeliveries } from '../outbox/worker-task-delivery.js';
import { WebhookDelivery } from '../webhooks/webhook-delivery.js';
import { webhookProvider } from '../webhooks/webhook-provider.js';
import { ActiveRuns } from './driving/active-runs.js';
import { memorySharesOf } from './memory/memory-shares.js';
import { RunBreaker } from './run-end.js';
import { RunMemory } from './memory/run-memory.js';
import { starterProvider } from './starter-provider.js';
import { RunStarter } from './starting/run-starter.js';
import { signalProviders } from './signals/signal-providers.js';
import { Semaphore } from './driving/semaphore.js';
import { configuredStepEntries } from './step-entries.js';
import { claimsMaxOf, Sweeper } from './sweeping/sweeper.js';

const STORE_RETRY_MS = 500;

/** All it takes to run activities, put together. */
export function runProviders(
  metrics: FlowMetrics,
  log: Log,
  deliveries: OutboxDeliveries,
  events: EventPublisher | undefined,
): readonly Provider[] {
  return [
    ...callProviders(metrics),
    taskSecretsProvider(),
    rootsProvider(),
    ...lockProviders(log),
    webhookProvider(metrics),
    deliveryProvider(deliveries, metrics, log),
    activeRunsProvider(metrics, log, events),
    ...starting(metrics, log),
    ...signalProviders(log),
    sweeperProvider(metrics, log),
  ];
}

function activeRunsProvider(
  metrics: FlowMetrics,
  log: Log,
  events: EventPublisher | undefined,
): Provider {
  return {
    provide: ActiveRuns,
    inject: [
      WorkflowExecutorConfig,
      ActivityStore,
      HttpTaskHandler,
      ScriptTaskHandler,
      MongoLink,
      DeliveryService,
      TaskSecrets,
      EventRoots,
    ],
    useFactory: (
      config: WorkflowExecutorConfig,
      store: ActivityStore,
      http: HttpTaskHandler,
      script: ScriptTaskHandler,
      { clock }: MongoLink,
      deliveries: DeliveryService,
      secrets: TaskSecrets,
      roots: EventRoots,
    ) => {
      const { LEASE_MS: leaseMs, OUTBOX_LINGER_MS: lingerMs } = config;
      const shares = memorySharesOf(config);
      const keptBytesMax = shares.handedOverBytesMax;
      const settings = { leaseMs, storeRetryMs: STORE_RETRY_MS, lingerMs, keptBytesMax };
      const safe = new SecretTaskHandler(http, secrets);
      const addEntries = configuredStepEntries(config, metrics);
      const handlers = { http: safe, script, event: eventTaskHandler(config, safe, events, roots) };
      const parts = { store, handlers, clock: clock.now, settings, deliveries, addEntries };
      const memory = new RunMemory(shares);
      const runs = new ActiveRuns(
        new Semaphore(config.ACTIVITIES_IN_FLIGHT_MAX),
        parts,
        metrics,
        log,
        memory,
      );
      metrics.gauges.inFlight('activities', () => runs.size);
      metrics.gauges.inFlight('activity_bytes', () => memory.activityBytes);
      metrics.gauges.inFlight('answer_bytes', () => memory.answerBytes);
      return runs;
    },
  };
}

/** What carries out the calls of tasks. */
function callProviders(metrics: FlowMetrics): readonly Provider[] {
  return [
    {
      provide: HttpTaskHandler,
      inject: [WorkflowExecutorConfig],
      useFactory: (config: WorkflowExecutorConfig) => httpTaskHandler(config, metrics),
    },
    {
      provide: ScriptTaskHandler,
      inject: [WorkflowExecutorConfig],
      useFactory: (config: WorkflowExecutorConfig) =>
        scriptTaskHandler(config, metrics, memorySharesOf(config).originBytesMax),
    },
    {
      provide: ScriptCheck,
      inject: [WorkflowExecutorConfig],
      useFactory: (config: WorkflowExecutorConfig) => new ScriptCheck(scriptLimits(config)),
    },
  ];
}

function eventTaskHandler(
  { EVENT_TASK_HOPS_MAX: hopsMax }: WorkflowExecutorConfig,
  http: SecretTaskHandler,
  events: EventPublisher | undefined,
  roots: EventRoots,
): EventTaskHandler {
  return new EventTaskHandler(http, new NatsEvents(events), hopsMax, roots);
}

function rootsProvider(): Provider {
  return {
    provide: EventRoots,
    inject: [WorkflowExecutorConfig, ActivityStore, SigningKeys],
    useFactory: (
      { CHILD_DESCENDANTS_MAX }: WorkflowExecutorConfig,
      activities: ActivityStore,
      keys: SigningKeys,
    ) => new EventRoots(new SignedRoots(keys), activities, CHILD_DESCENDANTS_MAX),
  };
}

function taskSecretsProvider(): Provider {
  return {
    provide: TaskSecrets,
    inject: [ScopeCache, SecretKeys],
    useFactory: (scopes: ScopeCache, keys: SecretKeys) => new TaskSecrets(scopes, keys),
  };
}

function deliveryProvider(deliveries: OutboxDeliveries, metrics: FlowMetrics, log: Log): Provider {
  return {
    provide: DeliveryService,
    inject: [
      WorkflowExecutorConfig,
      LockService,
      SlotService,
      ChildService,
      ActivityStore,
      MongoLink,
      WebhookDelivery,
      EventMatcher,
      { token: TaskPublisher, optional: true },
    ],
    useFactory: (
      config: WorkflowExecutorConfig,
      locks: LockService,
      slots: SlotService,
      children: ChildService,
      store: ActivityStore,
      { clock }: MongoLink,
      webhooks: WebhookDelivery,
      matcher: EventMatcher,
      tasks?: TaskPublisher,
    ) => {
      const permits = new Semaphore(config.OUTBOX_DELIVERIES_MAX);
      const workers = workerDeliveries(tasks, store, clock.now);
      const held = [...lockDeliveries(locks), ...slotDeliveries(slots)];
      const ours = [...held, ...childDeliveries(children), ...workers];
      const answer = [DOCKER_HUB_ENTRY, dockerHubDelivery(config, clock.now)] as const;
      const all = new Map<string, OutboxDelivery>([
        ...deliveries,
        ...ours,
        answer,
        [WEBHOOK_ENTRY, webhooks],
        ...eventWaitDeliveries(matcher),
      ]);
      const settings = {
        attemptMsMax: config.OUTBOX_DELIVERY_MS_MAX,
        retryMsMax: config.OUTBOX_RETRY_MS_MAX,
      };
      return new DeliveryService(all, permits, metrics, log, settings);
    },
  };
}

function sweeperProvider(metrics: FlowMetrics, log: Log): Provider {
  return {
    provide: Sweeper,
    inject: [WorkflowExecutorConfig, ActivityStore, ActiveRuns, RunStarter, RunBreaker, MongoLink],
    useFactory: (
      config: WorkflowExecutorConfig,
      store: ActivityStore,
      runs: ActiveRuns,
      starter: RunStarter,
      breaker: RunBreaker,
      link: MongoLink,
    ) => {
      const settings = {
        intervalMs: config.SWEEP_INTERVAL_MS,
        claimsMax: claimsMaxOf(config.ACTIVITIES_IN_FLIGHT_MAX),
        leaseMs: config.LEASE_MS,
        takeoversMax: config.ACTIVITY_TAKEOVERS_MAX,
      };
      return new Sweeper(store, runs, starter, breaker, settings, link.clock.now, metrics, log);
    },
  };
}

function dockerHubDelivery(config: WorkflowExecutorConfig, clock: () => number): DockerHubDelivery {
  const by = {
    guard: new AddressGuard(config.HTTP_TASK_ALLOWED_NETWORKS),
    connections: new Connections(),
    connectTimeoutMs: config.HTTP_TASK_CONNECT_MS_MAX,
  };
  return new DockerHubDelivery((url, json, abort) => postJson(url, json, abort, by), clock);
}

function httpTaskHandler(config: WorkflowExecutorConfig, metrics: FlowMetrics): HttpTaskHandler {
  const limiter = new CallLimiter({
    callsMax: config.HTTP_TASK_CALLS_MAX,
    perOriginMax: config.HTTP_TASK_CONNECTIONS_MAX,
    perWorkflowMax: config.HTTP_TASK_CALLS_PER_WORKFLOW_MAX,
    waitingMax: config.HTTP_TASK_CALLS_WAITING_MAX,
    bytesPerOriginMax: memorySharesOf(config).originBytesMax,
  });
  metrics.gauges.inFlight('http_calls', () => limiter.calls);
  metrics.gauges.inFlight('http_calls_waiting', () => limiter.waiting);
  const guard = new AddressGuard(config.HTTP_TASK_ALLOWED_NETWORKS);
  const limits = {
    responseBytesMax: config.HTTP_TASK_RESPONSE_BYTES_MAX,
    json: jsonLimits(config),
    connectTimeoutMs: config.HTTP_TASK_CONNECT_MS_MAX,
    redirectsMax: config.HTTP_TASK_REDIRECTS_MAX,
  };
  return new HttpTaskHandler(guard, limits, limiter);
}

/** What turns messages and records into runs, or ends those that can't become one. */
function starting(metrics: FlowMetrics, log: Log): readonly Provider[] {
  return [
    childProvider(),
    {
      provide: RunBreaker,
      inject: [WorkflowExecutorConfig, ActivityStore, MongoLink],
      useFactory: (config: WorkflowExecutorConfig, store: ActivityStore, { clock }: MongoLink) =>
        new RunBreaker(store, clock.now, metrics, log, configuredStepEntries(config, metrics)),
    },
    starterProvider(),
  ];
}
