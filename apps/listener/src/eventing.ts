import {
  natsSettings,
  observeTopology,
  onlyInNats,
  signingKeys,
  topologySettings,
} from '@app/bootstrap';
import {
  connectNats,
  type Dispatcher,
  FailoverDispatcher,
  flowTopology,
  HttpDispatcher,
  JetStreamDispatcher,
  type NatsLink,
  NatsWorkflowChanges,
  NoWorkflowChanges,
  TopologyProvisioner,
  withoutConsumers,
  type WorkflowChanges,
} from '@app/messaging';
import { Episode, type FlowMetrics, type Log, type OnlyInNats } from '@app/observability';
import { CountedDispatcher } from './counted-dispatcher.js';
import { type ListenerConfig } from './listener.config.js';

/** How long JetStream or an executor may take to acknowledge a dispatch, in milliseconds. */
const ACKNOWLEDGE_MS_MAX = 5_000;
/** A setting of consumers, which the listener does not create. */
const ACK_WAIT_UNUSED_MS = 0;
const EXECUTOR_CONNECTIONS_MAX = 64;

/** The transports to executors that the configuration selects. */
export interface Eventing {
  readonly dispatcher: Dispatcher;
  /** Stores events on JetStream while MongoDB is gone; undefined with `EVENTING_DRIVER=http`. */
  readonly spoolDispatcher: Dispatcher | undefined;
  readonly changes: WorkflowChanges;
  readonly link: NatsLink | undefined;
  /** Counts the spooled events that no executor has recorded yet; undefined without a spool. */
  readonly onlyInNats: (() => Promise<OnlyInNats>) | undefined;
  close(): Promise<void>;
}

export function eventingOf(config: ListenerConfig, metrics: FlowMetrics, log: Log): Eventing {
  const http = new HttpDispatcher({
    executorUrl: config.EXECUTOR_URL,
    keys: signingKeys(config),
    connectionsMax: EXECUTOR_CONNECTIONS_MAX,
    inFlightMax: config.DISPATCHES_IN_FLIGHT_MAX,
    inFlightBytesMax: config.DISPATCHES_IN_FLIGHT_BYTES_MAX,
    timeoutMs: ACKNOWLEDGE_MS_MAX,
  });
  if (!config.usesNats) {
    const close = (): Promise<void> => http.close();
    return {
      dispatcher: new CountedDispatcher(http, metrics),
      spoolDispatcher: undefined,
      changes: new NoWorkflowChanges(),
      link: undefined,
      onlyInNats: undefined,
      close,
    };
  }
  return overNats(config, http, metrics, log);
}

function overNats(
  config: ListenerConfig,
  http: HttpDispatcher,
  metrics: FlowMetrics,
  log: Log,
): Eventing {
  const link = connectNats(natsSettings(config, 'listener'));
  // Executors create the consumers. The listener creates the streams that it publishes to, if it starts first.
  const streams = withoutConsumers(flowTopology(topologySettings(config, ACK_WAIT_UNUSED_MS)));
  const topology = new TopologyProvisioner(link, streams, observeTopology(metrics, log), 'streams');
  const noStream = new Episode(log, {
    began: 'The stream of dispatches does not exist; it is being created',
    ended: 'The stream of dispatches did not exist',
  });
  const jetStream = new JetStreamDispatcher(link, {
    namespace: config.EVENTING_NAMESPACE,
    keys: signingKeys(config),
    inFlightMax: config.DISPATCHES_IN_FLIGHT_MAX,
    inFlightBytesMax: config.DISPATCHES_IN_FLIGHT_BYTES_MAX,
    ackTimeoutMs: ACKNOWLEDGE_MS_MAX,
    onNoStream: () => {
      noStream.occurred(() => ({}));
      topology.reconcileInBackground();
    },
  });
  const counted = new CountedDispatcher(jetStream, metrics);
  return {
    dispatcher: new FailoverDispatcher(counted, new CountedDispatcher(http, metrics)),
    spoolDispatcher: counted,
    changes: new NatsWorkflowChanges(link, {
      namespace: config.EVENTING_NAMESPACE,
      keys: signingKeys(config),
      ageMsMax: config.INTERNAL_MESSAGE_AGE_MS_MAX,
    }),
    link,
    onlyInNats: onlyInNats(topology),
    close: async () => {
      topology.close();
      jetStream.close();
      await http.close();
      await link.close();
    },
  };
}
