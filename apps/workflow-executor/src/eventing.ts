import {
  jsonLimits,
  natsSettings,
  observeTopology,
  signingKeys,
  topologySettings,
} from '@app/bootstrap';
import {
  DISPATCH_BATCH_ITEMS_MAX,
  DispatchSignatureInvalidError,
  type ReceivedDispatch,
} from '@app/events';
import {
  answersStream,
  batchesStream,
  BatchSplitter,
  type ConsumerBinding,
  connectNats,
  decodeNotification,
  type DeadLetterSink,
  dispatchesStream,
  EventPublisher,
  eventsStream,
  EXECUTOR_CONSUMER,
  FLOW_ANSWER,
  FLOW_BATCH,
  FLOW_EVENT,
  FLOW_SIGNAL,
  flowTopology,
  JetStreamServer,
  type NatsLink,
  NatsActivityNotices,
  NatsWorkflowChanges,
  OutsideSubjects,
  type RedeliveryPolicy,
  signalsStream,
  StatusPublisher,
  TaskPublisher,
  TopologyProvisioner,
} from '@app/messaging';
import { type FlowMetrics, type Log } from '@app/observability';
import { HOUR_MS } from '@app/workflow-engine';
import { type OutboxDeliveries, type OutboxDelivery } from './outbox/outbox-delivery.js';
import { MessageReports } from './intake/message-reports.js';
import { exhaustedTaskIn } from './intake/exhausted-tasks.js';
import { answerReader } from './intake/worker-answers.js';
import { StatusEventDelivery } from './outbox/status-event-delivery.js';
import { STATUS_ENTRY, TASK_STATUS_ENTRY } from './outbox/task-statuses.js';
import { type DispatchReader } from './intake/dispatch-bodies.js';
import { memorySharesOf } from './runs/memory/memory-shares.js';
import { type WorkflowExecutorConfig } from './workflow-executor.config.js';

/** The largest room that one task of a worker takes. */
const TASK_BYTES_MAX = 256 * 1_024;
/** The largest room that one status event takes. */
const STATUS_BYTES_MAX = 16 * 1_024;
/** The room of most events of tasks; a larger one takes the room of several. */
const EVENT_BYTES = 64 * 1_024;
/** How many dispatches of batches are sent one by one at once; the batches wait for room. */
const SPLIT_IN_FLIGHT_MAX = 64 * DISPATCH_BATCH_ITEMS_MAX;
const SPLIT_BYTES_MAX = 16 * 1_024 * 1_024;
/** The second delivery of a batch splits it; the later ones are for a stream that has no room. */
const BATCH_DELIVERIES_MIN = 5;
/** The bytes of a lane that a batch may take: a batch holds small events only. */
const BATCHES_PART = 8;
const REDELIVERY_BACKOFF = { backoffBaseMs: 500, backoffCapMs: 30_000 };

/** The connections of this executor to NATS. */
export interface Eventing {
  readonly link: NatsLink;
  readonly topology: TopologyProvisioner;
  readonly changes: NatsWorkflowChanges;
  readonly notices: NatsActivityNotices;
  /** Absent where no notices are published. */
  readonly statuses?: StatusPublisher;
  /** Queues tasks for workers. */
  readonly tasks: TaskPublisher;
  /** Sends the dispatches of a batch one by one. */
  readonly splitter: BatchSplitter;
  /** Publishes what `event` tasks send. */
  readonly events: EventPublisher;
}

export function eventingOf(
  config: WorkflowExecutorConfig,
  metrics: FlowMetrics,
  log: Log,
): Eventing {
  const namespace = config.EVENTING_NAMESPACE;
  const link = connectNats(natsSettings(config, 'workflow-executor'));
  const { STATUS_EVENTS_ENABLED: tells, STATUS_EVENTS_HOURS_MAX: hours } = config;
  const topology = flowTopology({
    ...topologySettings(config, config.NATS_ACK_WAIT_MS),
    ...(tells && { statusMsMax: hours * HOUR_MS }),
    workers: true,
    batches: true,
  });
  const provisioner = new TopologyProvisioner(link, topology, observeTopology(metrics, log));
  const signed = {
    namespace,
    keys: signingKeys(config),
    ageMsMax: config.INTERNAL_MESSAGE_AGE_MS_MAX,
  };
  const changes = new NatsWorkflowChanges(link, signed);
  const notices = new NatsActivityNotices(link, signed);
  const statuses = tells && statusPublisherOf(config, link, provisioner);
  const tasks = taskPublisherOf(config, link, provisioner);
  const events = eventPublisherOf(config, link);
  const splitter = batchSplitterOf(config, link, provisioner);
  const publishers = { tasks, events, splitter, ...(statuses && { statuses }) };
  return { link, topology: provisioner, changes, notices, ...publishers };
}

function eventPublisherOf(config: WorkflowExecutorConfig, link: NatsLink): EventPublisher {
  const { EVENT_TASK_PUBLICATIONS_MAX: inFlightMax, EVENT_TASK_ACK_MS_MAX: ackTimeoutMs } = config;
  return new EventPublisher(link, {
    subjects: new OutsideSubjects(config.EVENTING_NAMESPACE, config.EVENT_TASK_SUBJECTS),
    ackTimeoutMs,
    inFlightMax,
    inFlightBytesMax: EVENT_BYTES * inFlightMax,
  });
}

function statusPublisherOf(
  config: WorkflowExecutorConfig,
  link: NatsLink,
  topology: TopologyProvisioner,
): StatusPublisher {
  return new StatusPublisher(link, {
    namespace: config.EVENTING_NAMESPACE,
    ackTimeoutMs: config.OUTBOX_DELIVERY_MS_MAX,
    inFlightMax: config.OUTBOX_DELIVERIES_MAX,
    inFlightBytesMax: STATUS_BYTES_MAX * config.OUTBOX_DELIVERIES_MAX,
    onNoStream: () => {
      topology.reconcileInBackground();
    },
  });
}

function taskPublisherOf(
  config: WorkflowExecutorConfig,
  link: NatsLink,
  topology: TopologyProvisioner,
): TaskPublisher {
  return new TaskPublisher(link, {
    namespace: config.EVENTING_NAMESPACE,
    leaseMs: config.WORKER_LEASE_MS,
    tasksInFlightMax: config.WORKER_TASKS_IN_FLIGHT_MAX,
    deliveriesMax: config.WORKER_DELIVERIES_MAX,
    ackTimeoutMs: config.OUTBOX_DELIVERY_MS_MAX,
    inFlightMax: config.OUTBOX_DELIVERIES_MAX,
    inFlightBytesMax: TASK_BYTES_MAX * config.OUTBOX_DELIVERIES_MAX,
    onNoStream: () => {
      topology.reconcileInBackground();
    },
  });
}

function batchSplitterOf(
  config: WorkflowExecutorConfig,
  link: NatsLink,
  topology: TopologyProvisioner,
): BatchSplitter {
  return new BatchSplitter(link, {
    namespace: config.EVENTING_NAMESPACE,
    ackTimeoutMs: config.OUTBOX_DELIVERY_MS_MAX,
    inFlightMax: SPLIT_IN_FLIGHT_MAX,
    inFlightBytesMax: SPLIT_BYTES_MAX,
    onNoStream: () => {
      topology.reconcileInBackground();
    },
  });
}

/** The kinds of entries that this executor can deliver besides status events. */
export function deliveriesOf({ statuses }: Partial<Eventing> = {}): OutboxDeliveries {
  if (!statuses) return new Map();
  const delivery: OutboxDelivery = new StatusEventDelivery(statuses);
  return new Map([STATUS_ENTRY, TASK_STATUS_ENTRY].map((kind) => [kind, delivery]));
}

/** Nest's transport for the handlers of `DispatchController`. */
export function transportOf(
  config: WorkflowExecutorConfig,
  { link, topology }: Eventing,
  reader: DispatchReader,
  deadLetters: DeadLetterSink,
  clock: () => number,
  metrics: FlowMetrics,
  log: Log,
): JetStreamServer {
  const reports = new MessageReports(metrics, log);
  return new JetStreamServer({
    link,
    topology,
    consumers: consumersOf(config, reader, clock),
    policy: policyOf(config),
    ackWaitMs: config.NATS_ACK_WAIT_MS,
    stuckAfterMs: config.NATS_STUCK_MS,
    closeWithinMs: config.SHUTDOWN_MS_MAX / 2,
    deadLetters,
    onFailed: reports.failed,
    onTrouble: reports.trouble,
  });
}

function policyOf(config: WorkflowExecutorConfig): RedeliveryPolicy {
  return { deliveriesMax: config.NATS_DELIVERIES_MAX, ...REDELIVERY_BACKOFF };
}

/**
 * Each of the two lanes of events has its own bound of what is in flight, and both wait in one queue for the permits
 * of runs and their bytes: a backlog of one does not hold up the other.
 * @param clock of MongoDB: an answer in an inbox makes its run due at the time that it has
 */
export function consumersOf(
  config: WorkflowExecutorConfig,
  reader: Pick<DispatchReader, 'read' | 'readBatch'>,
  clock: () => number,
): readonly ConsumerBinding[] {
  const namespace = config.EVENTING_NAMESPACE;
  const taking = {
    durable: EXECUTOR_CONSUMER,
    messagesInFlightMax: config.ACTIVITIES_IN_FLIGHT_MAX,
  };
  const read = answerReader(jsonLimits(config), clock);
  const ofEvents = { ...taking, bytesInFlightMax: memorySharesOf(config).laneBytesMax };
  return [
    batchesOf(config, reader),
    {
      ...ofEvents,
      pattern: FLOW_EVENT,
      stream: dispatchesStream(namespace),
      decode: (message) => signedOnly(reader.read(message)),
    },
    { ...ofEvents, pattern: FLOW_EVENT, stream: eventsStream(namespace), decode: reader.read },
    {
      ...taking,
      pattern: FLOW_SIGNAL,
      stream: signalsStream(namespace),
      decode: decodeNotification,
    },
    {
      ...ofEvents,
      pattern: FLOW_ANSWER,
      stream: answersStream(namespace),
      decode: (message, subject) => exhaustedTaskIn(message, subject) ?? read(message, subject),
    },
  ];
}

/** As many dispatches are in flight as on the lane of single ones, whatever messages they come in. */
function batchesOf(
  config: WorkflowExecutorConfig,
  reader: Pick<DispatchReader, 'readBatch'>,
): ConsumerBinding {
  const policy = policyOf(config);
  return {
    pattern: FLOW_BATCH,
    stream: batchesStream(config.EVENTING_NAMESPACE),
    durable: EXECUTOR_CONSUMER,
    messagesInFlightMax: config.ACTIVITIES_IN_FLIGHT_MAX,
    placesMax: DISPATCH_BATCH_ITEMS_MAX,
    placesOf: (batch) => (batch as readonly unknown[]).length,
    bytesInFlightMax: Math.ceil(memorySharesOf(config).laneBytesMax / BATCHES_PART),
    decode: reader.readBatch,
    policy: { ...policy, deliveriesMax: Math.max(policy.deliveriesMax, BATCH_DELIVERIES_MIN) },
  };
}

/** An event from outside the ingress is not on record when the lane of dispatches acknowledges it. */
function signedOnly(received: ReceivedDispatch): ReceivedDispatch {
  if (received.kind === 'unsigned') throw new DispatchSignatureInvalidError();
  return received;
}
