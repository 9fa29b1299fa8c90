import { type JetStreamManager } from '@nats-io/jetstream';
import { unlessNotFound } from './jetstream-answers.js';
import { reconcileConsumer } from './reconcile-consumer.js';
import { reconcileStream } from './reconcile-stream.js';
import { type Topology, type TopologyChange } from './topology.js';

/**
 * Makes JetStream hold what is declared: creates what is missing, updates what differs, makes anew
 * what can't be updated, and tells what it did. Several processes may do it at once.
 *
 * @param accepted see `reconcileConsumer`; the same for all reconciliations of a process
 * @throws TopologyMismatchError when the server refuses; what is declared after that is untouched
 */
export async function reconcileTopology(
  manager: JetStreamManager,
  topology: Topology,
  accepted = new Set<string>(),
): Promise<readonly TopologyChange[]> {
  const changes: TopologyChange[] = [];
  const note = (change: TopologyChange | undefined): void => {
    if (change !== undefined) changes.push(change);
  };
  for (const stream of topology) {
    note(await reconcileStream(manager, stream));
    for (const consumer of stream.consumers) {
      note(await reconcileConsumer(manager, stream.config.name, consumer, accepted));
    }
  }
  return changes;
}

/** Creates the streams that are missing and leaves the others as they are. */
export async function createMissingStreams(
  manager: JetStreamManager,
  topology: Topology,
): Promise<readonly TopologyChange[]> {
  const changes: TopologyChange[] = [];
  for (const stream of topology) {
    const { name } = stream.config;
    if ((await unlessNotFound(() => manager.streams.info(name))) !== undefined) continue;
    const change = await reconcileStream(manager, stream);
    if (change !== undefined) changes.push(change);
  }
  return changes;
}
