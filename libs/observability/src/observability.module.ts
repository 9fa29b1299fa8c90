import { type DynamicModule, Global, Module } from '@nestjs/common';
import { collectDefaultMetrics } from 'prom-client';
import { Log } from './logging/log.js';
import { FlowMetrics } from './metrics/flow-metrics.js';

/**
 * Provides `Log` and `FlowMetrics` to the whole app. `main.ts` makes both, because it needs them before Nest starts and
 * after it has stopped.
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
