import { type FlowConfig } from '@app/config';
import {
  type FlowTopologySettings,
  type TopologyChange,
  type TopologyProvisioner,
  type TopologyObserver,
} from '@app/messaging';
import {
  Episode,
  type FlowMetrics,
  type Log,
  type NatsRepair,
  type OnlyInNats,
} from '@app/observability';

const MEBIBYTE = 1_048_576;
/**
 * Unacknowledged messages of a consumer over all executors; JetStream delivers no more until some are acknowledged.
 */
const MESSAGES_IN_FLIGHT_MAX = 20_000;
/** JetStream stores one message of those with the same message id within this time, in milliseconds. */
const DUPLICATE_WINDOW_MS = 120_000;

/** The settings of streams that both apps share, and those of consumers, which only executors have. */
export function topologySettings(config: FlowConfig, ackWaitMs: number): FlowTopologySettings {
  return {
    namespace: config.EVENTING_NAMESPACE,
    replicas: config.NATS_STREAM_REPLICAS,
    maxBytes: config.NATS_STREAM_MEBIBYTES_MAX * MEBIBYTE,
    duplicateWindowMs: DUPLICATE_WINDOW_MS,
    ackWaitMs,
    messagesInFlightMax: MESSAGES_IN_FLIGHT_MAX,
  };
}

/** Logs and counts what is done to streams and consumers. */
export function observeTopology(metrics: FlowMetrics, log: Log): TopologyObserver {
  const failing = new Episode(log, {
    began: "JetStream can't be made as configured",
    ended: 'JetStream was tried no more, or made as configured',
    quietMs: 60_000,
  });
  return {
    onReconciled: (changes) => {
      for (const change of changes) tellChange(change, metrics, log);
    },
    onFailed: (err) => {
      failing.occurred(() => ({ err }));
    },
  };
}

function tellChange(made: TopologyChange, metrics: FlowMetrics, log: Log): void {
  const { what, change, differences } = made;
  if (change === 'postponed') {
    log.warn(
      { what, differences },
      'JetStream refuses a change; it is made when the stream is empty',
    );
    return;
  }
  const kind = what.startsWith('stream') ? 'stream' : 'consumer';
  metrics.natsRepaired(`${kind}_${change}` satisfies NatsRepair);
  const level = change === 'created' ? 'info' : 'warn';
  log[level]({ what, change, differences }, 'JetStream was made as configured');
}

/** Reads how many events may be in NATS only, and for how long. */
export function onlyInNats(
  topology: TopologyProvisioner,
  clock: () => number = Date.now,
): () => Promise<OnlyInNats> {
  return async () => {
    const { messages, oldestAt } = await topology.onlyCopies();
    const ageMs = oldestAt === undefined ? 0 : clock() - oldestAt;
    return { events: messages, seconds: Math.max(0, ageMs) / 1000 };
  };
}
