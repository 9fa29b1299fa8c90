import { createHash } from 'node:crypto';
import { type mongo } from 'mongoose';
import { ACTIVITIES } from '../src/activities/stored/activity.schema.js';

/**
 * What version 0.1 made of a database: its indexes, and its documents as it wrote them. Kept as that
 * release was, whatever becomes of the code: an upgrade is tested from here.
 */
export const LAST_RELEASE_INDEXES: readonly mongo.IndexDescription[] = [
  { key: { wakeAt: 1 }, name: 'due', partialFilterExpression: { wakeAt: { $exists: true } } },
  { key: { workflowId: 1, createdAt: -1, _id: -1 }, name: 'by_workflow' },
  { key: { status: 1, createdAt: -1, _id: -1 }, name: 'by_status' },
  {
    key: { expiresAt: 1 },
    name: 'retention',
    expireAfterSeconds: 0,
    partialFilterExpression: { expiresAt: { $exists: true } },
  },
];

const AT = Date.UTC(2126, 0, 1);
const HEX = /^[0-9a-f]{64}$/;

interface Written {
  readonly _id: string;
  readonly createdAt: Date;
}

function common(id: string, ms: number): object {
  if (!HEX.test(id)) throw new Error(`${id} is no id of that release`);
  return {
    _id: id,
    workflowId: 'workflow-1',
    workflowRevision: 1,
    trigger: 'event',
    createdAt: new Date(AT + ms),
    inbox: [],
  };
}

const EVENT = { source: '/tests', type: 'io.example.tested.v1', extensions: {} };

/** As recorded and not begun. */
function queuedThen(id: string, eventId: string, ms = 0): Written {
  return {
    ...common(id, ms),
    status: 'queued',
    revision: 1,
    event: { id: eventId, ...EVENT },
    wakeAt: new Date(AT + ms + 30_000),
  } as unknown as Written;
}

/** As ended; `failure` as its runs had it. */
function endedThen(id: string, eventId: string, status: string, ms = 0): Written {
  const failure = { level: 'workflow', code: 'CANCELLED', message: 'Cancelled: a test' };
  return {
    ...common(id, ms),
    status,
    revision: 2,
    event: { id: eventId, ...EVENT },
    run: { startedAt: AT + ms, endedAt: AT + ms + 1, results: { json: '{}' } },
    tasks: [],
    commitId: '00000000-0000-4000-8000-000000000000',
    expiresAt: new Date(AT + ms + 90 * 86_400_000),
    ...(status !== 'succeeded' && { failure }),
  } as unknown as Written;
}

/** Requests that were rejected in one minute. */
function refusedThen(id: string, ms = 0): Written {
  const at = new Date(AT + ms);
  return {
    ...common(id, ms),
    workflowRevision: 0,
    status: 'failed',
    revision: 3,
    failure: { level: 'workflow', code: 'TOKEN_INVALID', message: 'The token is wrong' },
    refusal: { count: 3, firstAt: at, lastAt: at, remoteAddress: '10.0.0.1' },
    expiresAt: new Date(AT + ms + 90 * 86_400_000),
  } as unknown as Written;
}

/** How that release listed `?status=`, found what is due and counted: they must go on being right. */
export async function readAsThen(db: mongo.Db): Promise<Readonly<Record<string, number>>> {
  const activities = db.collection('activities');
  const listed = await activities
    .find({ status: 'failed' })
    .sort({ createdAt: -1, _id: -1 })
    .limit(21)
    .toArray();
  const due = await activities
    .find({ wakeAt: { $lte: new Date(AT + 86_400_000) } })
    .sort({ wakeAt: 1 })
    .toArray();
  return { failed: listed.length, due: due.length };
}

export const idOf = (of: string): string => createHash('sha256').update(of).digest('hex');

/** The database as the last release leaves it. */
export async function lastRelease(db: mongo.Db, rejectedRequests: number): Promise<void> {
  const activities = db.collection<{ _id: string }>(ACTIVITIES);
  await activities.createIndexes([...LAST_RELEASE_INDEXES]);
  const refused = Array.from({ length: rejectedRequests }, (_, index) =>
    refusedThen(idOf(`r${index}`), 7),
  );
  await activities.insertMany([
    queuedThen(idOf('q'), 'q', 5),
    endedThen(idOf('s'), 's', 'succeeded', 1),
    endedThen(idOf('f'), 'f', 'failed', 2),
    endedThen(idOf('c'), 'c', 'cancelled', 3),
    ...refused,
  ]);
}
