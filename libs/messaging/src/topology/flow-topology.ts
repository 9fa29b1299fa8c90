import { eventsStream, eventWildcard, signalsStream, signalWildcard } from '@app/events';
import { AckPolicy, DiscardPolicy, RetentionPolicy, StorageType } from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import { type ConsumerDeclaration, type StreamDeclaration, type Topology } from './topology.js';

/** The durable consumer of both streams that all executors share. */
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
  readonly messagesInHandsMax: number;
}

/** What the way of an event needs in JetStream (design section 6). */
export function flowTopology(settings: FlowTopologySettings): Topology {
  const { namespace } = settings;
  return [
    stream(settings, eventsStream(namespace), eventWildcard(namespace)),
    stream(settings, signalsStream(namespace), signalWildcard(namespace)),
  ];
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
      max_ack_pending: settings.messagesInHandsMax,
      max_deliver: -1,
    },
  };
}
