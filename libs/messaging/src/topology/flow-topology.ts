import {
  answersStream,
  answerWildcard,
  batchesStream,
  batchSubject,
  dispatchesStream,
  dispatchWildcard,
  eventsStream,
  eventWildcard,
  exhaustedWildcard,
  signalsStream,
  signalWildcard,
  statusStream,
  statusWildcard,
  tasksStream,
  taskWildcard,
} from './names.js';
import {
  AckPolicy,
  DeliverPolicy,
  DiscardPolicy,
  PersistMode,
  ReplayPolicy,
  RetentionPolicy,
  StorageType,
} from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import { type ConsumerDeclaration, type StreamDeclaration, type Topology } from './topology.js';

/** Requests of executors for messages that a consumer keeps; the server's default. */
const PULLS_WAITING_MAX = 512;

/** The stream of signals may have this part (1/16) of the bytes of another stream. */
const SIGNALS_PART = 16;

/** The same for batches of dispatches: without room, dispatches are sent one by one. */
const BATCHES_PART = 16;

/** The same for tasks and for answers (1/8). */
const WORKERS_PART = 8;

/** Queues of tasks, each with a consumer; a queue's name may come from an event. */
export const TASK_QUEUES_MAX = 10_000;

/** The durable consumer of each stream that all executors share. */
export const EXECUTOR_CONSUMER = 'workflow-executor';

export interface FlowTopologySettings {
  /** Part of every name, so that several systems can share a NATS. */
  readonly namespace: string;
  /** Copies of each message; 3 needs a cluster. */
  readonly replicas: 1 | 3;
  /** For each stream. A full stream rejects messages; the dispatch goes over HTTP, or the sweeper finds the activity. */
  readonly maxBytes: number;
  /** A stream stores one of several messages with the same message id within this time. Dispatches have no id. */
  readonly duplicateWindowMs: number;
  /** A message without an acknowledgement or `working` for this long is delivered again. */
  readonly ackWaitMs: number;
  /** Unacknowledged messages of one stream over all executors. */
  readonly messagesInFlightMax: number;
  /** How long status events are kept; without it there is no stream for them. */
  readonly statusMsMax?: number;
  /** Whether there are streams for tasks of workers and their answers. */
  readonly workers?: boolean;
  /** Whether there is a stream for batches of dispatches; a process that only sends them does not create it. */
  readonly batches?: boolean;
}

/**
 * The streams and consumers of this product, by what the loss of one would cost.
 *
 * 1. Dispatches of recorded events, and signals, are hints: MongoDB has the data. If the server supports
 *    it, they are written without waiting for the disk (ADR 0015).
 * 2. Events that may be stored nowhere else are on disk before they are acknowledged.
 */
export function flowTopology(settings: FlowTopologySettings): Topology {
  const { namespace } = settings;
  return [
    ...(settings.statusMsMax === undefined ? [] : [status(settings, settings.statusMsMax)]),
    signals(settings),
    ...(settings.workers === true ? workers(settings) : []),
    ...(settings.batches === true ? [batches(settings)] : []),
    hints(settings, dispatchesStream(namespace), dispatchWildcard(namespace)),
    stream(settings, eventsStream(namespace), eventWildcard(namespace)),
  ];
}

/**
 * Status events are kept for a time, read or not; subscribers bring their own consumers. They are on disk before they
 * are acknowledged, because the outbox then removes them. `hintsOnly`, because no run waits for them; the stream is
 * never created anew while it holds some.
 */
function status(settings: FlowTopologySettings, ageMsMax: number): StreamDeclaration {
  const { namespace } = settings;
  const { config } = stream(settings, statusStream(namespace), statusWildcard(namespace));
  const kept = {
    retention: RetentionPolicy.Limits,
    discard: DiscardPolicy.Old,
    max_age: nanos(ageMsMax),
  };
  return { config: { ...config, ...kept }, hintsOnly: true, consumers: [] };
}

/**
 * Tasks are on record as well, and queued again when they get lost; their consumers are created with the first use of
 * a queue. An answer may be stored nowhere else, so it is on disk before it is acknowledged. The stream of answers
 * also stores JetStream's advisories of tasks that were delivered as often as allowed.
 */
function workers(settings: FlowTopologySettings): Topology {
  const { namespace } = settings;
  const maxBytes = Math.ceil(settings.maxBytes / WORKERS_PART);
  const part = { ...settings, maxBytes };
  const tasks = hints(part, tasksStream(namespace), taskWildcard(namespace));
  const config = { ...tasks.config, max_consumers: TASK_QUEUES_MAX };
  const answers = stream(part, answersStream(namespace), answerWildcard(namespace));
  const subjects = [answerWildcard(namespace), exhaustedWildcard(namespace)];
  return [
    { ...tasks, config, consumers: [] },
    { ...answers, config: { ...answers.config, subjects } },
  ];
}

/** A signal is a few bytes, so its stream needs a small part of the disk only. */
function signals(settings: FlowTopologySettings): StreamDeclaration {
  const maxBytes = Math.ceil(settings.maxBytes / SIGNALS_PART);
  const { namespace } = settings;
  return hints({ ...settings, maxBytes }, signalsStream(namespace), signalWildcard(namespace));
}

/** A stream of their own, which executors that can't read batches do not have (ADR 0036). */
function batches(settings: FlowTopologySettings): StreamDeclaration {
  const maxBytes = Math.ceil(settings.maxBytes / BATCHES_PART);
  const { namespace } = settings;
  return hints({ ...settings, maxBytes }, batchesStream(namespace), batchSubject(namespace));
}

/** The server refuses `async` for a stream of several replicas. */
function hints(settings: FlowTopologySettings, name: string, subject: string): StreamDeclaration {
  const declared = stream(settings, name, subject);
  if (settings.replicas > 1) return { ...declared, hintsOnly: true };
  const config = { ...declared.config, persist_mode: PersistMode.Async };
  return { ...declared, config, hintsOnly: true };
}

function stream(settings: FlowTopologySettings, name: string, subject: string): StreamDeclaration {
  return {
    config: {
      name,
      subjects: [subject],
      storage: StorageType.File,
      // Only acknowledged messages are deleted: another one may be the only copy.
      retention: RetentionPolicy.Workqueue,
      discard: DiscardPolicy.New,
      num_replicas: settings.replicas,
      max_age: 0,
      max_bytes: settings.maxBytes,
      duplicate_window: nanos(settings.duplicateWindowMs),
    },
    hintsOnly: false,
    consumers: [executorConsumer(settings)],
  };
}

/**
 * `max_deliver` is unlimited on the server, which would give up a message without a durable trace (its
 * advisory reaches only current subscribers). The ack loop counts instead, and keeps a dead letter
 * before it gives up.
 */
function executorConsumer(settings: FlowTopologySettings): ConsumerDeclaration {
  return {
    config: {
      durable_name: EXECUTOR_CONSUMER,
      ack_policy: AckPolicy.Explicit,
      ack_wait: nanos(settings.ackWaitMs),
      max_ack_pending: settings.messagesInFlightMax,
      max_deliver: -1,
      deliver_policy: DeliverPolicy.All,
      replay_policy: ReplayPolicy.Instant,
      max_waiting: PULLS_WAITING_MAX,
    },
  };
}
