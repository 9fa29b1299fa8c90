import { type JetStreamManager, type StreamConfig } from '@nats-io/jetstream';
import { TopologyMismatchError } from '../errors.js';
import { differencesOf } from './differences-of.js';
import { orMismatch, rejectionIn, unlessNotFound } from './jetstream-answers.js';
import { type StreamDeclaration, type TopologyChange } from './topology.js';

/** Fields that an operator may set, because they do not change which messages are stored, kept or delivered. */
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
 * Leaves out `persist_mode` for a server before 2.12, which would ignore or reject it.
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
 * Creates an empty stream anew. First it gets a subject that nothing is published on, so that no message can
 * arrive between the check that it is empty and its deletion. Messages published meanwhile are rejected, and go
 * over HTTP or are swept.
 */
async function madeAnewIfEmpty(
  { streams }: JetStreamManager,
  declared: StreamDeclaration['config'],
): Promise<boolean> {
  const { name } = declared;
  const { subjects = [] } = declared;
  const { config, state } = await streams.info(name);
  if (state.messages > 0) {
    // A process that put the stream aside died before it created it anew.
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

/** A subject that nothing is published on. */
function asideSubject(name: string): string {
  return `put-aside.${name}`;
}

function isAsideSubject(subjects: readonly string[], name: string): boolean {
  return subjects.includes(asideSubject(name));
}

function differences(declared: object, actual: StreamConfig): ReturnType<typeof differencesOf> {
  return differencesOf(declared, actual, STREAM_FIELDS_LEFT_ALONE);
}

/** The differences that remain after a change, and the server's reason for rejecting it; empty when it succeeded. */
async function refusedBy(change: () => Promise<readonly string[]>): Promise<readonly string[]> {
  try {
    return await change();
  } catch (error) {
    return [rejectionIn(error).message];
  }
}
