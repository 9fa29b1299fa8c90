import 'reflect-metadata';
import {
  type AppProcess,
  listeningUrl,
  listenOptions,
  runApp,
  serveOperations,
  watchMongo,
  watchNats,
  type ShutdownStep,
} from '@app/bootstrap';
import { createFastifyAdapter } from '@app/http';
import { FlowMetrics } from '@app/observability';
import { MongoLink, WorkflowCache } from '@app/persistence';
import { NestFactory } from '@nestjs/core';
import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { type FastifyInstance } from 'fastify';
import { DispatchRetries } from './acceptance/dispatch-retries.js';
import { EventAcceptance } from './acceptance/event-acceptance.js';
import { BacklogLimit } from './ingress/bounds/backlog-limit.js';
import {
  RejectedRequestReport,
  RejectedRequestFilter,
} from './ingress/rejections/rejected-request.filter.js';
import { eventingOf } from './eventing.js';
import { ListenerConfig } from './listener.config.js';
import { ingressOptions, optionsSettings } from './ingress-options.js';
import { answerOptions } from './ingress/preflight/answer-options.js';
import { ListenerModule } from './listener.module.js';

/** The readiness check that either MongoDB or NATS satisfies: without both, no event can be recorded. */
const RECORDING = 'recording';

/** The share of the shutdown time that is given to dispatches in flight. The sweeper finds the others' records. */
const SHARE_FOR_DISPATCHING = 1 / 4;

void runApp({ name: 'listener', config: ListenerConfig, env: process.env, start });

async function start(process: AppProcess<ListenerConfig>): Promise<readonly ShutdownStep[]> {
  const { config, log, health } = process;
  const metrics = new FlowMetrics();
  const eventing = eventingOf(config, metrics, log);
  const adapter = createFastifyAdapter(ingressOptions(config), metrics, log);
  answerOptions(adapter.getInstance<FastifyInstance>(), optionsSettings(config, adapter.routes));
  const app = await NestFactory.create<NestFastifyApplication>(
    ListenerModule.register(process, metrics, eventing),
    adapter,
    { abortOnError: false },
  );
  const report = app.get(RejectedRequestReport);
  app.useGlobalFilters(new RejectedRequestFilter(report, log, adapter.routes));
  const mongo = app.get(MongoLink);
  watchMongo(health, mongo, log, RECORDING);
  metrics.gauges.clockOffset(() => mongo.clock.offsetMs / 1000);
  if (eventing.onlyInNats) metrics.gauges.onlyInNats(eventing.onlyInNats);
  if (eventing.link) watchNats(health, eventing.link, log, RECORDING);
  if (config.BACKLOG_MAX > 0) limitBacklog(app.get(BacklogLimit), metrics);
  const workflows = app.get(WorkflowCache);
  const unsubscribe = eventing.changes.subscribe((id, lockVersion) => {
    workflows.takeNotice(id, lockVersion);
  });
  const operations = await serveOperations(process, metrics);
  await app.listen(listenOptions(config));
  log.info({ url: listeningUrl(app.getHttpServer()) }, 'Listening');
  return [
    // First answer the requests in flight, then finish their dispatches, then close the connection to MongoDB.
    { name: 'close the ingress', run: () => adapter.close() },
    {
      name: 'dispatch what was accepted',
      run: () => {
        app.get(DispatchRetries).close();
        return app.get(EventAcceptance).settle(config.SHUTDOWN_MS_MAX * SHARE_FOR_DISPATCHING);
      },
    },
    {
      name: 'leave NATS',
      leaves: true,
      run: () => {
        unsubscribe();
        return eventing.close();
      },
    },
    { name: 'leave MongoDB', leaves: true, run: () => app.close() },
    operations,
  ];
}

/** Starts to count the backlog, and reports it under the metric of the executors; without a value if a count failed. */
function limitBacklog(limit: BacklogLimit, metrics: FlowMetrics): void {
  limit.start();
  metrics.gauges.backlog(async () =>
    limit.counted === undefined ? {} : { queued: limit.counted },
  );
}
