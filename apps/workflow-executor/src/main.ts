import 'reflect-metadata';
import { AdminTokens, ApiAccess, InternalRequests } from '@app/auth';
import {
  type AppProcess,
  httpOptions,
  jsonLimits,
  listeningUrl,
  listenOptions,
  onlyInNats,
  runApp,
  serveOperations,
  watchMongo,
  watchSchema,
  watchNats,
} from '@app/bootstrap';
import { bodyValidation, createFastifyAdapter, ProblemFilter } from '@app/http';
import { NoActivityNotices, NoWorkflowChanges } from '@app/messaging';
import { FlowMetrics } from '@app/observability';
import { type ShutdownStep } from '@app/bootstrap';
import {
  ActivityStore,
  type DeadLetterBounds,
  DeadLetterStore,
  EventMatcher,
  MongoLink,
  RetentionJob,
  SchemaMigrator,
  WorkflowCache,
} from '@app/persistence';
import { NestFactory } from '@nestjs/core';
import { type FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { type FastifyInstance } from 'fastify';
import { ActionGuard } from './access/action-guard.js';
import { auditApi } from './access/audit.js';
import { authorizeBeforeBody } from './access/authorize-before-body.js';
import { acceptYamlBodies } from './api/workflows/yaml/yaml-bodies.js';
import { announceAdminToken } from './announce-admin-token.js';
import { ChildService } from './children/child-service.js';
import { LockService } from './locks/lock-service.js';
import { SlotService } from './locks/slot-service.js';
import { deliveriesOf, type Eventing, eventingOf } from './eventing.js';
import { acceptDispatchBodies } from './intake/dispatch-bodies.js';
import { DeliveryService } from './outbox/delivery-service.js';
import { reportOpenWork } from './report-open-work.js';
import { ActiveRuns } from './runs/driving/active-runs.js';
import { memorySharesOf } from './runs/memory/memory-shares.js';
import { RelativesHere } from './runs/signals/relatives-here.js';
import { SignalDelivery } from './runs/signals/signal-delivery.js';
import { Sweeper } from './runs/sweeping/sweeper.js';
import { deadLetterBounds, takeMessages } from './take-messages.js';
import { takeSignals } from './runs/signals/take-signals.js';
import { HttpTaskHandler } from './tasks/http/http-task-handler.js';
import { ScriptTaskHandler } from './tasks/script/script-task-handler.js';
import { WorkflowExecutorConfig } from './workflow-executor.config.js';
import { WorkflowExecutorModule } from './workflow-executor.module.js';

void runApp({
  name: 'workflow-executor',
  config: WorkflowExecutorConfig,
  env: process.env,
  start,
});

async function start(
  process: AppProcess<WorkflowExecutorConfig>,
): Promise<readonly ShutdownStep[]> {
  const { config, log, health } = process;
  const metrics = new FlowMetrics();
  const eventing = config.usesNats ? eventingOf(config, metrics, log) : undefined;
  const { app, adapter } = await httpApp(process, metrics, eventing);
  const mongo = app.get(MongoLink);
  watchMongo(health, mongo, log, 'running activities');
  watchSchema(health, app.get(SchemaMigrator), mongo);
  eventing?.changes.subscribe((id) => {
    app.get(WorkflowCache).invalidate(id);
  });
  reportWork(app, eventing, config, metrics);
  announceAdminToken(app.get(AdminTokens), mongo, log);
  if (eventing) watchNats(health, eventing.link, log);
  const messages = eventing && (await takeMessages(app, eventing, process, metrics));
  const operations = await serveOperations(process, metrics);
  await app.listen(listenOptions(config));
  const [sweeper, retention] = [app.get(Sweeper), app.get(RetentionJob)];
  const locks = passOnWakes(app, config);
  sweeper.start();
  retention.start();
  const endSignals = takeSignals(app, eventing?.notices);
  log.info({ url: listeningUrl(app.getHttpServer()) }, 'Listening');
  return [
    {
      name: 'take no more and finish what is in flight',
      // Concurrently: a message, or an activity that the sweeper has claimed, may wait for the permit of a run.
      run: async () => {
        const graceMs = config.SHUTDOWN_MS_MAX / 2;
        const runs = app.get(ActiveRuns).stop(graceMs);
        const looking = [sweeper, retention, ...locks].map((one) => one.stop());
        await Promise.all([messages?.close(), ...looking, runs]);
        endSignals();
      },
    },
    { name: 'answer what was asked', run: () => adapter.close() },
    { name: 'leave MongoDB', leaves: true, run: () => app.close() },
    {
      name: 'leave NATS and what tasks call',
      leaves: true,
      run: async () => {
        await closeHandlers(app);
        await leaveNats(eventing);
      },
    },
    operations,
  ];
}

async function closeHandlers(app: NestFastifyApplication): Promise<void> {
  app.get(HttpTaskHandler).close();
  await app.get(ScriptTaskHandler).close();
}

async function leaveNats(eventing: Eventing | undefined): Promise<void> {
  eventing?.statuses?.close();
  eventing?.tasks.close();
  eventing?.events.close();
  eventing?.splitter.close();
  eventing?.topology.close();
  await eventing?.link.close();
}

/**
 * Notifies runs of granted locks, of events that came before their wait, and of children and parents; expires leases.
 */
function passOnWakes(
  app: NestFastifyApplication,
  config: WorkflowExecutorConfig,
): readonly LockService[] {
  const signals = app.get(SignalDelivery);
  const all = [app.get(LockService), app.get(SlotService)];
  for (const locks of all) {
    locks.subscribe((activity) => {
      signals.deliver(activity);
    });
    locks.start(config.SWEEP_INTERVAL_MS);
  }
  app.get(EventMatcher).subscribe((activity) => {
    signals.deliver(activity);
  });
  app.get(ChildService).use(app.get(RelativesHere));
  return all;
}

/** Reports open work and dead letters. */
function reportWork(
  app: NestFastifyApplication,
  eventing: Eventing | undefined,
  config: WorkflowExecutorConfig,
  metrics: FlowMetrics,
): void {
  const inNats = eventing && onlyInNats(eventing.topology);
  const { features } = app.get(DeliveryService);
  reportOpenWork(metrics, app.get(ActivityStore), app.get(MongoLink).clock, inNats, features);
  reportDeadLetters(metrics, app.get(DeadLetterStore), deadLetterBounds(config));
}

/** The application with its ingress: permissions, and the size and form of bodies. */
async function httpApp(
  process: AppProcess<WorkflowExecutorConfig>,
  metrics: FlowMetrics,
  eventing: Eventing | undefined,
): Promise<{ app: NestFastifyApplication; adapter: FastifyAdapter }> {
  const { config, log } = process;
  const adapter = createFastifyAdapter(httpOptions(config, 'json'), metrics, log);
  const app = await NestFactory.create<NestFastifyApplication>(
    WorkflowExecutorModule.register(process, metrics, {
      changes: eventing?.changes ?? new NoWorkflowChanges(),
      notices: eventing?.notices ?? new NoActivityNotices(),
      deliveries: deliveriesOf(eventing),
      ...(eventing && {
        tasks: eventing.tasks,
        splitter: eventing.splitter,
        events: eventing.events,
      }),
    }),
    adapter,
    { abortOnError: false },
  );
  const server = adapter.getInstance<FastifyInstance>();
  auditApi(server, log);
  authorizeBeforeBody(server, {
    api: app.get(ApiAccess),
    internal: app.get(InternalRequests),
    guard: app.get(ActionGuard),
  });
  const { dispatchBytesMax: inFlightBytesMax } = memorySharesOf(config);
  acceptYamlBodies(server, { ...jsonLimits(config), yamlBytesMax: config.WORKFLOW_YAML_BYTES_MAX });
  acceptDispatchBodies(server, { eventBytesMax: config.BODY_BYTES_MAX, inFlightBytesMax }, metrics);
  app.useGlobalFilters(new ProblemFilter(log, adapter.routes));
  app.useGlobalPipes(bodyValidation());
  return { app, adapter };
}

function reportDeadLetters(
  metrics: FlowMetrics,
  store: DeadLetterStore,
  { lettersMax, bytesMax }: DeadLetterBounds,
): void {
  metrics.gauges.deadLetters(async () => {
    const { letters, bytes } = await store.totals();
    return Math.max(letters / lettersMax, bytes / bytesMax);
  });
}
