import { type JetStreamManager, type StreamConfig } from '@nats-io/jetstream';
import { TopologyMismatchError } from '../errors.js';
import { differencesOf } from './differences-of.js';
import { orMismatch, rejectionIn, unlessNotFound } from './jetstream-answers.js';
import { type StreamDeclaration, type TopologyChange } from './topology.js';

/** What an operator may set: no message is taken, kept or delivered otherwise because of it. */
const STREAM_FIELDS_LEFT_ALONE: ReadonlySet<string> = new Set([
  'description',
  'metadata',
  'placement',
  'compression',
  'allow_direct',
  'mirror_direct',
  'first_seq',
]);

/** The level of the server's API that knows `persist_mode`: nats-server 2.12. */
const API_LEVEL_OF_PERSIST_MODE = 2;

/**
 * Makes one stream as declared: created, updated, or, where the server refuses to change it, made anew
 * once it is empty.
 *
 * @throws TopologyMismatchError when the server refuses, and the stream has something that is nowhere
 *   else
 */
export async function reconcileStream(
  manager: JetStreamManager,
  stream: StreamDeclaration,
): Promise<TopologyChange | undefined> {
  const declared = await asServerKnows(manager, stream.config);
  const what = `stream ${declared.name}`;
  const found = await unlessNotFound(() => manager.streams.info(declared.name));
  if (found === undefined) {
    await orMismatch(what, ['it is missing'], () => manager.streams.add(declared));
    return { what, change: 'created', differences: [] };
  }
  const { lines, undeclared } = differences(declared, found.config);
  if (lines.length === 0) return undefined;

  const reset = Object.fromEntries(undeclared.map((field) => [field, undefined]));
  const refused = await refusedBy(async () => {
    const { config } = await manager.streams.update(declared.name, { ...reset, ...declared });
    return differences(declared, config).lines;
  });
  if (refused.length === 0) return { what, change: 'updated', differences: lines };
  if (await madeAnewIfEmpty(manager, declared)) {
    return { what, change: 'recreated', differences: lines };
  }
  if (stream.hintsOnly) return { what, change: 'postponed', differences: [...lines, ...refused] };
  throw new TopologyMismatchError(what, [...lines, ...refused]);
}

/**
 * An older server ignores `persist_mode` or refuses it, and then stores as it always does.
 */
async function asServerKnows(
  manager: JetStreamManager,
  declared: StreamDeclaration['config'],
): Promise<StreamDeclaration['config']> {
  const { persist_mode, ...rest } = declared;
  if (persist_mode === undefined) return declared;
  const { api } = await manager.getAccountInfo();
  const { level = 0 } = api as { readonly level?: number };
  return level >= API_LEVEL_OF_PERSIST_MODE ? declared : rest;
}

/**
 * A stream that is empty is put aside first: it takes messages from a subject that nobody publishes
 * to, so what it holds then is all that it will ever hold. What is published meanwhile is refused, and
 * goes another way.
 */
async function madeAnewIfEmpty(
  { streams }: JetStreamManager,
  declared: StreamDeclaration['config'],
): Promise<boolean> {
  const { name } = declared;
  const { subjects = [] } = declared;
  const { config, state } = await streams.info(name);
  if (state.messages > 0) {
    // Whoever put it aside has died before it was made anew.
    if (isAsideSubject(config.subjects, name)) await streams.update(name, { subjects });
    return false;
  }
  const isAside =
    (
      await refusedBy(async () => {
        await streams.update(name, { subjects: [asideSubject(name)] });
        return [];
      })
    ).length === 0;
  if (!isAside) return false;
  const { state: last } = await streams.info(name);
  if (last.messages > 0) {
    await streams.update(name, { subjects });
    return false;
  }
  await streams.delete(name);
  await orMismatch(`stream ${name}`, ['it was deleted'], () => streams.add(declared));
  return true;
}

/** A subject that nobody publishes to. */
function asideSubject(name: string): string {
  return `put-aside.${name}`;
}

function isAsideSubject(subjects: readonly string[], name: string): boolean {
  return subjects.includes(asideSubject(name));
}

function differences(declared: object, actual: StreamConfig): ReturnType<typeof differencesOf> {
  return differencesOf(declared, actual, STREAM_FIELDS_LEFT_ALONE);
}

/** What the server says against a change, and what is different after it; nothing when it is well. */
async function refusedBy(change: () => Promise<readonly string[]>): Promise<readonly string[]> {
  try {
    return await change();
  } catch (error) {
    return [rejectionIn(error).message];
  }
}
