export { NatsWorkflowChanges } from './changes/nats-workflow-changes.js';
export { NoWorkflowChanges, WorkflowChanges } from './changes/workflow-changes.js';
export { type MessageFailure } from './consume/ack-loop.js';
export {
  type Acknowledgement,
  acknowledgementOf,
  type RedeliveryPolicy,
} from './consume/acknowledgement.js';
export { DeadLetterSink, type DeadMessage } from './consume/dead-letter-sink.js';
export { decodeNotification } from './consume/decode-notification.js';
export { JetStreamContext } from './consume/jetstream-context.js';
export {
  type ConsumerBinding,
  JETSTREAM,
  JetStreamServer,
  type JetStreamServerOptions,
} from './consume/jetstream-server.js';
export { PassErrorToAckLoop } from './consume/pass-error-to-ack-loop.js';
export { FLOW_EVENT, FLOW_SIGNAL } from './consume/patterns.js';
export {
  type ConsumerState,
  type ConsumerTrouble,
  type ConsumerTroubleKind,
} from './consume/stream-consumer.js';
export { FailoverDispatcher, type FailoverObserver } from './dispatch/failover-dispatcher.js';
export { HttpDispatcher, type HttpDispatcherOptions } from './dispatch/http-dispatcher.js';
export {
  JetStreamDispatcher,
  type JetStreamDispatcherOptions,
} from './dispatch/jetstream-dispatcher.js';
export { Dispatcher } from './dispatcher.js';
export {
  DeliveriesExhaustedError,
  DispatchFailedError,
  DispatchTooLargeError,
  HandlerFailedError,
  HandlerMismatchError,
  NatsUnavailableError,
  StreamStorageInsufficientError,
  TopologyMismatchError,
} from './errors.js';
export { ActivityNotices, NoActivityNotices } from './notices/activity-notices.js';
export { NatsActivityNotices } from './notices/nats-activity-notices.js';
export { connectNats, type NatsSettings } from './link/connect-nats.js';
export { NatsLink, type NatsLinkState } from './link/nats-link.js';
export {
  EXECUTOR_CONSUMER,
  flowTopology,
  type FlowTopologySettings,
} from './topology/flow-topology.js';
export { type TopologyChange } from './topology/topology-change.js';
export { type Topology, withoutConsumers } from './topology/topology.js';
export {
  type StreamHoldings,
  TopologyProvisioner,
  type TopologyObserver,
} from './topology/topology-provisioner.js';
