import { type DynamicModule, Global, Module } from '@nestjs/common';
import { collectDefaultMetrics } from 'prom-client';
import { Log } from './logging/log.js';
import { FlowMetrics } from './metrics/flow-metrics.js';

/**
 * `Log` and `FlowMetrics` for the whole app. Both come from `main.ts`, which needs them before Nest is
 * up and after it is gone.
 */
@Global()
@Module({})
export class ObservabilityModule {
  static register(log: Log, metrics: FlowMetrics): DynamicModule {
    collectDefaultMetrics({ register: metrics.registry });
    return {
      module: ObservabilityModule,
      providers: [
        { provide: Log, useValue: log },
        { provide: FlowMetrics, useValue: metrics },
      ],
      exports: [Log, FlowMetrics],
    };
  }
}
