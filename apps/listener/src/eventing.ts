import { signingKeys } from '@app/bootstrap';
import {
  connectNats,
  type Dispatcher,
  FailoverDispatcher,
  HttpDispatcher,
  JetStreamDispatcher,
  type NatsLink,
  NatsWorkflowChanges,
  NoWorkflowChanges,
  type WorkflowChanges,
} from '@app/messaging';
import { type FlowMetrics, type Log } from '@app/observability';
import { CountedDispatcher } from './counted-dispatcher.js';
import { type ListenerConfig } from './listener.config.js';

/** How long JetStream or an executor may take to say that it has a dispatch, in milliseconds. */
const ACKNOWLEDGE_MS_MAX = 5_000;
const EXECUTOR_CONNECTIONS_MAX = 64;

/** The ways to the executors that the configuration asks for. */
export interface Eventing {
  readonly dispatcher: Dispatcher;
  /** Where events are kept while MongoDB is gone; with the driver `http` there is no such place. */
  readonly standIn: Dispatcher | undefined;
  readonly changes: WorkflowChanges;
  readonly link: NatsLink | undefined;
  close(): Promise<void>;
}

export function eventingOf(config: ListenerConfig, metrics: FlowMetrics, log: Log): Eventing {
  const http = new HttpDispatcher({
    executorUrl: config.EXECUTOR_URL,
    keys: signingKeys(config),
    connectionsMax: EXECUTOR_CONNECTIONS_MAX,
    inFlightMax: config.DISPATCHES_IN_FLIGHT_MAX,
    timeoutMs: ACKNOWLEDGE_MS_MAX,
  });
  if (!config.usesNats) {
    const close = (): Promise<void> => http.close();
    return {
      dispatcher: new CountedDispatcher(http, metrics),
      standIn: undefined,
      changes: new NoWorkflowChanges(),
      link: undefined,
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
  const link = connectNats({ urls: config.NATS_URL, name: 'listener' });
  const jetStream = new JetStreamDispatcher(link, {
    namespace: config.EVENTING_NAMESPACE,
    keys: signingKeys(config),
    inFlightMax: config.DISPATCHES_IN_FLIGHT_MAX,
    ackTimeoutMs: ACKNOWLEDGE_MS_MAX,
    onNoStream: () => {
      const message = 'There is no stream for dispatches; an executor creates it when it connects';
      log.routine(() => ({}), message, 'warn');
    },
  });
  const dispatcher = new FailoverDispatcher(jetStream, http, {
    onHandedOver: (transport) => {
      metrics.dispatched(transport);
    },
    onFailed: (transport) => {
      metrics.dispatchFailed(transport);
    },
  });
  return {
    dispatcher,
    standIn: jetStream,
    changes: new NatsWorkflowChanges(link, {
      namespace: config.EVENTING_NAMESPACE,
      keys: signingKeys(config),
      ageMsMax: config.INTERNAL_MESSAGE_AGE_MS_MAX,
    }),
    link,
    close: async () => {
      jetStream.close();
      await http.close();
      await link.close();
    },
  };
}
