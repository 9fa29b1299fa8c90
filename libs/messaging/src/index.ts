export {
  NatsWorkflowChanges,
  NoWorkflowChanges,
  WorkflowChanges,
} from './notices/workflow-changes.js';
export { type MessageFailure } from './consume/ack-loop.js';
export { type RedeliveryPolicy } from './consume/acknowledgement.js';
export { DeadLetterSink, type DeadMessage } from './consume/dead-letter-sink.js';
export {
  decodeNotification,
  FLOW_ANSWER,
  FLOW_BATCH,
  FLOW_EVENT,
  FLOW_SIGNAL,
  type JetStreamContext,
  PassErrorToAckLoop,
  queueOfAnswer,
} from './consume/handlers.js';
export { JETSTREAM, JetStreamServer, type ConsumerBinding } from './consume/jetstream-server.js';
export { type ConsumerTrouble } from './consume/stream-consumer.js';
export { BatchSplitter } from './dispatch/batch-splitter.js';
export { EventPublisher, type EventMessage } from './dispatch/event-publisher.js';
export { FailoverDispatcher } from './dispatch/failover-dispatcher.js';
export { HttpDispatcher } from './dispatch/http-dispatcher.js';
export { JetStreamDispatcher } from './dispatch/jetstream-dispatcher.js';
export { type QueuedTask, TaskPublisher, type WorkerTask } from './dispatch/task-publisher.js';
export { type StatusEvent, StatusPublisher } from './dispatch/status-publisher.js';
export { Dispatcher } from './dispatcher.js';
export { type StoredMessage } from './dispatch/read-pub-ack.js';
export {
  DispatchFailedError,
  DispatchRefusedError,
  DispatchTooLargeError,
  NoRoomError,
  NoStreamError,
} from './errors.js';
export { OutsideSubjects } from './topology/outside-subjects.js';
export {
  ActivityNotices,
  NoActivityNotices,
  NatsActivityNotices,
} from './notices/activity-notices.js';
export { connectNats, type NatsSettings } from './link/connect-nats.js';
export { NatsLink } from './link/nats-link.js';
export {
  EXECUTOR_CONSUMER,
  flowTopology,
  type FlowTopologySettings,
} from './topology/flow-topology.js';
export { type TopologyChange, withoutConsumers } from './topology/topology.js';
export { TopologyProvisioner, type TopologyObserver } from './topology/topology-provisioner.js';
export {
  answersStream,
  batchesStream,
  dispatchesStream,
  eventsStream,
  signalsStream,
} from './topology/names.js';
