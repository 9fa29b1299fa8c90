import { isFinal, type ActivityStatus } from '@app/workflow-engine';
import { type Model, type mongo, type PipelineStage } from 'mongoose';
import { CursorInvalidError } from '../errors.js';
import { fromCursor, toCursor } from '../storage/cursor.js';
import { type ActivityDocument } from './stored/activity-document.js';
import { IS_OPEN, NEEDS_ATTENTION } from './stored/activity.schema.js';
import { toDomain } from './stored/activity-mapping.js';
import { gatesOf } from './claiming/gates.js';
import { type ActivityPage, type ActivityQuery, type ListedActivity } from './activity-store.js';

const NOT_LISTED = {
  event: 0,
  request: 0,
  'run.results': 0,
  'tasks.results': 0,
  results: 0,
  'outbox.payload': 0,
} as const;

/** Records read for one page and one part of a list, at most, when some of them have to be left out. */
export const LIST_SCAN_MAX = 1_000;
/** MongoDB merges index scans in order; beyond 200 of them it would sort. */
const WORKFLOWS_PER_PART = 100;

/** Where a page ended in the order of its list: a time, then the id. */
export interface Place {
  readonly at: number;
  /** In a list by `wakeAt` alone: what is due at the same time is in the order in which it was accepted. */
  readonly createdAt?: number;
  readonly id: string;
}

/** A scan of one index: `base` is what bounds the scan, `rest` is filtered on the way. */
export interface Walk {
  readonly base: mongo.Document;
  readonly rest: mongo.Document;
  /** The time that the index is ordered by, and the direction. */
  readonly by: 'createdAt' | 'wakeAt';
}

/** A part of a list: complete up to `knownTo`, or as a whole. */
interface Part {
  readonly found: readonly ListedActivity[];
  readonly knownTo?: Place;
}

/**
 * One page by index scans: its cost grows neither with the pages before it nor with what is stored. A list without an
 * index of its own (all activities of a workflow that succeeded) is filtered from a bounded part of a longer scan,
 * and its page may then be short. A list over all workflows merges those of each workflow: its first page costs a key
 * per workflow, and each other page a seek.
 */
export async function listActivities(
  activities: Model<ActivityDocument>,
  query: ActivityQuery,
): Promise<ActivityPage> {
  const walk = await throughGates(activities, walkOf(query));
  const { limit, workflowId } = query;
  if (workflowId !== undefined || isOfAllWorkflows(query)) {
    return toPage([await readPart(activities, walk, limit)], walk.by, limit);
  }
  const first = query.cursor === undefined && (await firstPage(activities, walk, limit));
  if (first) return first;
  const ids = await activities.distinct('workflowId');
  const parts: Part[] = [];
  for (let at = 0; at < ids.length; at += WORKFLOWS_PER_PART) {
    const workflowIds = ids.slice(at, at + WORKFLOWS_PER_PART);
    const base = { ...behind(walk, parts, limit), workflowId: { $in: workflowIds } };
    parts.push(await readPart(activities, { ...walk, base }, limit));
  }
  return toPage(parts, walk.by, limit);
}

/**
 * The first page over all workflows, from those with the newest activities alone: all activities of the others are older
 * than the newest one of the next workflow. MongoDB reads one key of each workflow for it, within one command.
 * @returns undefined if these workflows do not fill the page
 */
async function firstPage(
  activities: Model<ActivityDocument>,
  walk: Walk,
  limit: number,
): Promise<ActivityPage | undefined> {
  const countMax = WORKFLOWS_PER_PART + 1;
  const newest = { createdAt: { $first: '$createdAt' }, id: { $first: '$_id' } };
  const pipeline: PipelineStage[] = [
    { $sort: { workflowId: 1, createdAt: -1, _id: -1 } },
    { $group: { _id: '$workflowId', ...newest } },
    { $sort: { createdAt: -1, id: -1 } },
    { $limit: countMax },
  ];
  // A first batch of as many as there can be would be followed by a request for more.
  const heads = await activities.aggregate<Head>(pipeline, { batchSize: countMax + 1 });
  const next = heads[WORKFLOWS_PER_PART];
  const workflowIds = heads.slice(0, WORKFLOWS_PER_PART).map(({ _id }) => _id);
  const base = { ...walk.base, workflowId: { $in: workflowIds } };
  const part = await readPart(activities, { ...walk, base }, limit);
  if (!next) return toPage([part], walk.by, limit);
  const others = { found: [], knownTo: { at: next.createdAt.getTime(), id: next.id } };
  const { activities: found } = toPage([part, others], walk.by, limit);
  const last = found.at(-1);
  if (!last || found.length < limit) return undefined;
  // Not where `others` begin: the next page begins with that activity.
  return { activities: found, nextCursor: toCursor([last.createdAt, last.id]) };
}

/** The newest activity of a workflow. */
interface Head {
  readonly _id: string;
  readonly createdAt: Date;
  readonly id: string;
}

/**
 * Narrows the scan of the next part to activities that can still be on the page: the parts before may have filled it
 * with newer ones. So most of many parts have little to read.
 */
function behind({ base, rest }: Walk, parts: readonly Part[], limit: number): mongo.Document {
  // With a filter on the scan, a part may have further matches before the last one that it found.
  if (Object.keys(rest).length > 0) return base;
  const times = parts.flatMap(({ found }) => found.map(({ createdAt }) => createdAt));
  const last = times.toSorted((a, b) => b - a)[limit];
  if (last === undefined) return base;
  return { ...base, createdAt: { ...(base['createdAt'] as object), $gte: new Date(last) } };
}

/** Whether one index has all workflows in this order. */
function isOfAllWorkflows({ status }: ActivityQuery): boolean {
  return status !== undefined && status !== 'succeeded';
}

/** Open activities have an index by gate: with the gates named, MongoDB merges them in order. */
async function throughGates(activities: Model<ActivityDocument>, walk: Walk): Promise<Walk> {
  if (walk.by !== 'wakeAt') return walk;
  return {
    ...walk,
    base: { ...walk.base, gate: { $in: [null, ...(await gatesOf(activities.collection))] } },
  };
}

function walkOf({ workflowId, status, refused, cursor }: ActivityQuery): Walk {
  const by = orderOf(status);
  const place = cursor === undefined ? {} : afterPlace(toPlace(cursor, by));
  const ofWorkflow = workflowId === undefined ? {} : { workflowId };
  if (by === 'wakeAt') {
    const base = { status, ...IS_OPEN, ...place };
    return { base, rest: ofWorkflow, by };
  }
  const base = { ...ofWorkflow, ...place };
  if (status === undefined || status === 'succeeded') {
    const ofStatus = status === undefined ? {} : { status };
    const ofKind = refused === undefined ? {} : { refused: refused ? true : null };
    return { base, rest: { ...ofStatus, ...ofKind }, by };
  }
  return {
    base: { ...base, ...NEEDS_ATTENTION, status, refused: refusedIn(refused) },
    rest: {},
    by,
  };
}

/** Open activities are ordered by when they are due, soonest first; final ones by when they came, newest first. */
function orderOf(status: ActivityStatus | undefined): Walk['by'] {
  return status !== undefined && !isFinal(status) ? 'wakeAt' : 'createdAt';
}

function refusedIn(refused: boolean | undefined): true | null | { $in: (true | null)[] } {
  if (refused === undefined) return { $in: [null, true] };
  return refused ? true : null;
}

export function sortOf(by: Walk['by']): Record<string, 1 | -1> {
  return by === 'wakeAt' ? { wakeAt: 1, createdAt: 1, _id: 1 } : { createdAt: -1, _id: -1 };
}

/** The aggregation of one part; it reads one more than the page holds, to know whether another page follows. */
function pipelineOf({ base, rest, by }: Walk, limit: number): PipelineStage[] {
  const narrowed =
    Object.keys(rest).length === 0 ? [] : [{ $limit: LIST_SCAN_MAX }, { $match: rest }];
  const sort = { $sort: sortOf(by) };
  return [{ $match: base }, sort, ...narrowed, { $limit: limit + 1 }, { $project: NOT_LISTED }];
}

async function readPart(
  activities: Model<ActivityDocument>,
  walk: Walk,
  limit: number,
): Promise<Part> {
  const documents = await activities.aggregate<ActivityDocument>(pipelineOf(walk, limit));
  const found = documents.map((document) => toDomain(document));
  const last = found.at(-1);
  if (found.length > limit && last) return { found, knownTo: placeOf(last, walk.by) };
  if (Object.keys(walk.rest).length === 0) return { found };
  const edge = await activities
    .findOne(walk.base, { createdAt: 1, wakeAt: 1 })
    .sort(sortOf(walk.by))
    .skip(LIST_SCAN_MAX - 1)
    .lean();
  if (!edge) return { found };
  // Activities that were inserted between the two reads have moved the edge; it is never before the last one found.
  const places = [edgeOf(edge, walk.by), ...(last ? [placeOf(last, walk.by)] : [])];
  return { found, knownTo: places.toSorted(inOrder(walk.by)).at(-1) ?? edgeOf(edge, walk.by) };
}

/** Merges the parts of a list to a page, up to the place to which all of them are complete. */
function toPage(parts: readonly Part[], by: Walk['by'], limit: number): ActivityPage {
  const order = inOrder(by);
  const [edge] = parts.flatMap(({ knownTo }) => knownTo ?? []).toSorted(order);
  const known = parts
    .flatMap(({ found }) => found)
    .filter((activity) => edge === undefined || order(placeOf(activity, by), edge) <= 0)
    .toSorted((a, b) => order(placeOf(a, by), placeOf(b, by)));
  const activities = known.slice(0, limit);
  const last = activities.at(-1);
  const next = known.length > limit && last ? placeOf(last, by) : edge;
  return next ? { activities, nextCursor: cursorOf(next) } : { activities };
}

function placeOf(
  { id, createdAt, wakeAt = 0 }: Pick<ListedActivity, 'id' | 'createdAt' | 'wakeAt'>,
  by: Walk['by'],
): Place {
  return by === 'wakeAt' ? { at: wakeAt, createdAt, id } : { at: createdAt, id };
}

function edgeOf(
  { _id: id, createdAt, wakeAt }: Pick<ActivityDocument, '_id' | 'createdAt' | 'wakeAt'>,
  by: Walk['by'],
): Place {
  return placeOf({ id, createdAt: createdAt.getTime(), wakeAt: Number(wakeAt) }, by);
}

/** Compares two places as the list has them. */
function inOrder(by: Walk['by']): (a: Place, b: Place) => number {
  const direction = by === 'wakeAt' ? 1 : -1;
  return (a, b) => {
    const accepted = (a.createdAt ?? 0) - (b.createdAt ?? 0);
    return direction * (a.at - b.at || accepted || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  };
}

function cursorOf({ at, createdAt, id }: Place): string {
  return toCursor(createdAt === undefined ? [at, id] : [at, createdAt, id]);
}

/** @throws CursorInvalidError */
export function toPlace(cursor: string, by: Walk['by'] = 'createdAt'): Place {
  if (by === 'createdAt') {
    const [at, id] = fromCursor(cursor, ['number', 'string']);
    return { at: timeOf(at), id: String(id) };
  }
  const [at, createdAt, id] = fromCursor(cursor, ['number', 'number', 'string']);
  return { at: timeOf(at), createdAt: timeOf(createdAt), id: String(id) };
}

/** A number may be outside the range of dates. */
function timeOf(part: unknown): number {
  if (Number.isNaN(new Date(part as number).getTime())) throw new CursorInvalidError();
  return part as number;
}

/**
 * The bound on the time bounds the index scan; `$nor` then leaves out what the last page had. An `$or` of the two
 * cases would say the same, but MongoDB may then use the index of `_id` and sort.
 */
export function afterPlace({ at, createdAt, id }: Place): mongo.Document {
  const time = new Date(at);
  if (createdAt === undefined) {
    return { createdAt: { $lte: time }, $nor: [{ createdAt: time, _id: { $gte: id } }] };
  }
  const accepted = new Date(createdAt);
  const had = [
    { wakeAt: time, createdAt: { $lt: accepted } },
    { wakeAt: time, createdAt: accepted, _id: { $lte: id } },
  ];
  return { wakeAt: { $gte: time }, $nor: had };
}
