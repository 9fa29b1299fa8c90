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

/** Of the disk that a stream may take, the signals' gets this part. */
const SIGNALS_PART = 16;

/** The same of batches of dispatches: what finds no room goes one by one. */
const BATCHES_PART = 16;

/** The same of tasks and of answers. */
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
  /** For each stream. When it is full, a message is refused, and goes over HTTP or is swept. */
  readonly maxBytes: number;
  /** Within it a second dispatch of the same activity is not stored. */
  readonly duplicateWindowMs: number;
  /** Without a sign of life for so long, a message is delivered again. */
  readonly ackWaitMs: number;
  /** Messages of one stream in the hands of all executors together. */
  readonly messagesInFlightMax: number;
  /** How long status events are kept; without it there is no stream for them. */
  readonly statusMsMax?: number;
  /** Whether there are streams for tasks of workers and their answers. */
  readonly workers?: boolean;
  /** Whether there is a stream for batches of dispatches; who only sends them does not make it. */
  readonly batches?: boolean;
}

/**
 * What the way of an event needs in JetStream, in lanes by what a loss would cost.
 *
 * 1. Dispatches of recorded events, and signals, are hints: MongoDB has what they tell of. Where the
 *    server can, they are written without waiting for the disk (ADR 0015).
 * 2. Events that may be nowhere else are on the disk before they are acknowledged.
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
 * Kept for a time, whoever has read them: the consumers are those of whoever subscribes. What an outbox
 * was relieved of is on the disk before it is acknowledged. `hintsOnly`: what is in it is no work that anybody waits
 * for, and it is never made anew while it holds something.
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
 * Tasks are on record as well, and queued again when they get lost; their consumers are made as queues are
 * used. An answer may be nowhere else, so it is on the disk before it is acknowledged; with the answers is
 * what JetStream tells of tasks that none will come to.
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
      // Only what is done leaves, and nothing that waits is ever deleted: it may be the only copy.
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
 * `max_deliver` is unlimited on the server: it would give up on a message without a word that
 * survives (its advisory reaches only who listens at that moment). The ack loop counts instead, and
 * gives up by keeping a dead letter.
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
