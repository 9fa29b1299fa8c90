import { type DynamicModule, Global, Module } from '@nestjs/common';
import { collectDefaultMetrics } from 'prom-client';
import { HealthRegistry } from './health/health-registry.js';
import { Log } from './logging/log.js';
import { FlowMetrics } from './metrics/flow-metrics.js';

/**
 * `Log`, `FlowMetrics` and `HealthRegistry` for the whole app. All three come from `main.ts`, which
 * needs them before Nest is up and after it is gone.
 */
@Global()
@Module({})
export class ObservabilityModule {
  static register(log: Log, health: HealthRegistry, metrics: FlowMetrics): DynamicModule {
    collectDefaultMetrics({ register: metrics.registry });
    metrics.reportDependencies(() => health.readiness().dependencies);
    return {
      module: ObservabilityModule,
      providers: [
        { provide: Log, useValue: log },
        { provide: HealthRegistry, useValue: health },
        { provide: FlowMetrics, useValue: metrics },
      ],
      exports: [Log, HealthRegistry, FlowMetrics],
    };
  }
}
