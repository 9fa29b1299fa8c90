import { JetStreamApiCodes, JetStreamApiError, type JetStreamManager } from '@nats-io/jetstream';
import { TopologyMismatchError } from '../errors.js';
import { differencesOf } from './differences-of.js';
import { type ConsumerDeclaration, type StreamDeclaration, type Topology } from './topology.js';

const NOT_FOUND: ReadonlySet<number> = new Set([
  JetStreamApiCodes.StreamNotFound,
  JetStreamApiCodes.ConsumerNotFound,
]);

/** One thing that a reconciliation did. */
export interface TopologyChange {
  /** `stream X` or `consumer X/Y`. */
  readonly what: string;
  /** Empty when it was created, else each field that was different. */
  readonly differences: readonly string[];
}

/** A stream or a consumer, as the reconciliation handles both. */
interface Resource {
  readonly what: string;
  readonly declared: object;
  /** Its configuration on the server; undefined when it isn't there. */
  read(): Promise<object | undefined>;
  create(): Promise<object>;
  update(): Promise<object>;
}

/**
 * Makes JetStream hold what is declared: creates what is missing, updates what differs, and tells
 * what it did. Several processes may do it at once.
 *
 * @throws TopologyMismatchError when the server refuses; what is declared after that is untouched
 */
export async function reconcileTopology(
  manager: JetStreamManager,
  topology: Topology,
): Promise<readonly TopologyChange[]> {
  const changes: TopologyChange[] = [];
  for (const resource of resourcesOf(manager, topology)) {
    const change = await reconcile(resource);
    if (change !== undefined) changes.push(change);
  }
  return changes;
}

/** A stream comes before its consumers. */
function resourcesOf(manager: JetStreamManager, topology: Topology): Resource[] {
  return topology.flatMap((stream) => [
    streamResource(manager, stream),
    ...stream.consumers.map((consumer) => consumerResource(manager, stream, consumer)),
  ]);
}

async function reconcile(resource: Resource): Promise<TopologyChange | undefined> {
  const { what, declared } = resource;
  const actual = await resource.read();
  if (actual === undefined) {
    await orMismatch(what, ['it is missing'], () => resource.create());
    return { what, differences: [] };
  }
  const differences = differencesOf(declared, actual);
  if (differences.length === 0) return undefined;

  const updated = await orMismatch(what, differences, () => resource.update());
  const remaining = differencesOf(declared, updated);
  if (remaining.length > 0) throw new TopologyMismatchError(what, remaining);
  return { what, differences };
}

/** A server that has no time or no leader now (503) may do it later; any other answer is a no. */
async function orMismatch(
  what: string,
  differences: readonly string[],
  change: () => Promise<object>,
): Promise<object> {
  try {
    return await change();
  } catch (error) {
    if (!(error instanceof JetStreamApiError) || error.status === 503) throw error;
    throw new TopologyMismatchError(what, [...differences, error.message], { cause: error });
  }
}

function streamResource(
  { streams }: JetStreamManager,
  { config: declared }: StreamDeclaration,
): Resource {
  return {
    what: `stream ${declared.name}`,
    declared,
    read: () => unlessNotFound(async () => (await streams.info(declared.name)).config),
    create: async () => (await streams.add(declared)).config,
    update: async () => (await streams.update(declared.name, declared)).config,
  };
}

function consumerResource(
  { consumers }: JetStreamManager,
  { config: { name: stream } }: StreamDeclaration,
  { config: declared }: ConsumerDeclaration,
): Resource {
  const durable = declared.durable_name;
  return {
    what: `consumer ${stream}/${durable}`,
    declared,
    read: () => unlessNotFound(async () => (await consumers.info(stream, durable)).config),
    create: async () => (await consumers.add(stream, declared)).config,
    update: async () => (await consumers.update(stream, durable, declared)).config,
  };
}

async function unlessNotFound(read: () => Promise<object>): Promise<object | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof JetStreamApiError && NOT_FOUND.has(error.code)) return undefined;
    throw error;
  }
}
