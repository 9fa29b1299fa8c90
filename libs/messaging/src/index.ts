export { NatsWorkflowChanges } from './changes/nats-workflow-changes.js';
export { NoWorkflowChanges, WorkflowChanges } from './changes/workflow-changes.js';
export { type MessageFailure } from './consume/ack-loop.js';
export { DeadLetterSink, type DeadMessage } from './consume/dead-letter-sink.js';
export { decodeNotification } from './consume/decode-notification.js';
export { JETSTREAM, JetStreamServer } from './consume/jetstream-server.js';
export { PassErrorToAckLoop } from './consume/pass-error-to-ack-loop.js';
export { FLOW_EVENT, FLOW_SIGNAL } from './consume/patterns.js';
export { type ConsumerTrouble } from './consume/stream-consumer.js';
export { FailoverDispatcher } from './dispatch/failover-dispatcher.js';
export { HttpDispatcher } from './dispatch/http-dispatcher.js';
export { JetStreamDispatcher } from './dispatch/jetstream-dispatcher.js';
export { Dispatcher } from './dispatcher.js';
export { DispatchFailedError, DispatchTooLargeError } from './errors.js';
export { ActivityNotices, NoActivityNotices } from './notices/activity-notices.js';
export { NatsActivityNotices } from './notices/nats-activity-notices.js';
export { connectNats } from './link/connect-nats.js';
export { NatsLink } from './link/nats-link.js';
export {
  EXECUTOR_CONSUMER,
  flowTopology,
  type FlowTopologySettings,
} from './topology/flow-topology.js';
export { type TopologyChange } from './topology/topology-change.js';
export { withoutConsumers } from './topology/topology.js';
export { TopologyProvisioner, type TopologyObserver } from './topology/topology-provisioner.js';
export { type ConsumerBinding } from './consume/jetstream-server.js';
export { dispatchesStream, eventsStream, signalsStream } from './topology/names.js';
