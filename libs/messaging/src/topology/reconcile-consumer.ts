import { type JetStreamManager } from '@nats-io/jetstream';
import { TopologyMismatchError } from '../errors.js';
import { differencesOf } from './differences-of.js';
import { orMismatch, unlessNotFound } from './jetstream-answers.js';
import { type ConsumerDeclaration, type TopologyChange } from './topology.js';

/** Fields that an operator may set, because they do not change which messages are delivered, or how. */
const CONSUMER_FIELDS_LEFT_ALONE: ReadonlySet<string> = new Set([
  'name',
  'description',
  'metadata',
]);

/**
 * Fields that are updated in place. Any other field decides which messages are delivered, so the consumer
 * is created anew: messages that a filter has skipped stay skipped after the filter is removed, and no
 * counter of the consumer shows that.
 */
const FIELDS_UPDATED: ReadonlySet<string> = new Set(['ack_wait', 'max_ack_pending']);

/**
 * Makes one consumer as declared. The stream is a work queue, so a consumer can be made anew at any
 * time: what is not done comes again, and an activity begins once.
 *
 * @param accepted differences that stayed in a consumer that was just made: they are the server's own
 * @throws TopologyMismatchError when the server refuses
 */
export async function reconcileConsumer(
  manager: JetStreamManager,
  stream: string,
  { config: declared }: ConsumerDeclaration,
  accepted: Set<string>,
): Promise<TopologyChange | undefined> {
  const { consumers } = manager;
  const durable = declared.durable_name;
  const what = `consumer ${stream}/${durable}`;
  const differences = (actual: object): ReturnType<typeof differencesOf> =>
    differencesOf(declared, actual, CONSUMER_FIELDS_LEFT_ALONE);

  const found = await unlessNotFound(() => consumers.info(stream, durable));
  if (found === undefined) {
    await orMismatch(what, ['it is missing'], () => consumers.add(stream, declared));
    return { what, change: 'created', differences: [] };
  }
  const { lines, declared: wrong, undeclared } = differences(found.config);
  const open = undeclared.filter((field) => !accepted.has(`${what} ${field}`));
  if (wrong.length === 0 && open.length === 0) return undefined;

  if (open.length === 0 && wrong.every((field) => FIELDS_UPDATED.has(field))) {
    await orMismatch(what, lines, () => consumers.update(stream, durable, declared));
    return { what, change: 'updated', differences: lines };
  }
  await orMismatch(what, lines, () => recreateConsumer(manager, stream, { config: declared }));
  const left = differences((await consumers.info(stream, durable)).config);
  if (left.declared.length > 0) throw new TopologyMismatchError(what, left.lines);
  for (const field of left.undeclared) accepted.add(`${what} ${field}`);
  return { what, change: 'recreated', differences: lines };
}

/**
 * Puts a new consumer in the place of one that delivers nothing. The stream is a work queue, so what
 * was acknowledged is gone and all that is there is delivered, counted from 1.
 */
export async function recreateConsumer(
  { consumers }: JetStreamManager,
  stream: string,
  { config }: ConsumerDeclaration,
): Promise<void> {
  await consumers.delete(stream, config.durable_name);
  await consumers.add(stream, config);
}
