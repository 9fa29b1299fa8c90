import { type FlowMetrics, type Log } from '@app/observability';
import { DecisionStore } from '@app/persistence';
import { type Provider } from '@nestjs/common';
import { RejectedRequestReport } from './ingress/rejections/rejected-request.filter.js';
import { ListenerConfig } from './listener.config.js';
import { DecisionLog } from './decisions/decision-log.js';

/** How long decisions wait for others before they are written, in milliseconds. */
const FLUSH_MS = 1_000;
const MS_A_DAY = 86_400_000;
const BYTES_A_MEBIBYTE = 1_048_576;

/** Provides the decision log and what reports rejected requests. */
export function decisionProviders(metrics: FlowMetrics, log: Log): readonly Provider[] {
  return [
    {
      provide: DecisionLog,
      inject: [ListenerConfig, DecisionStore],
      useFactory: (config: ListenerConfig, store: DecisionStore) => {
        const settings = {
          perMinuteMax: config.DECISIONS_PER_MINUTE_MAX,
          keptMs: config.DECISIONS_DAYS * MS_A_DAY,
          bytesMax: config.DECISIONS_MEBIBYTES_MAX * BYTES_A_MEBIBYTE,
          flushMs: FLUSH_MS,
        };
        return new DecisionLog(store, settings, Date.now, (decisions) => {
          metrics.decisionsDropped(decisions);
        });
      },
    },
    {
      provide: RejectedRequestReport,
      inject: [DecisionLog],
      useFactory: (decisions: DecisionLog) => new RejectedRequestReport(metrics, log, decisions),
    },
  ];
}
