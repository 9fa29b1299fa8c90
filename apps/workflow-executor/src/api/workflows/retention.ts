import { type Problem, unknownMember } from '@app/errors';
import { isJsonObject, type JsonValue } from '@app/json';
import { RETENTION_CLASSES, type WorkflowRetention } from '@app/persistence';
import { DAY_MS, durationText, readDuration } from '@app/workflow-engine';

/**
 * The bounds are those of the installation's settings. A shorter time would be a risk: an event that comes again after
 * its activity was removed is a new one. It would not be exact either: the pause between two passes is a day at most.
 */
const DAYS_MIN = 1;
const DAYS_MAX = 36_500;
const TIME = `must be a duration from ${DAYS_MIN}d to ${DAYS_MAX}d, such as "7d" or "P7D"`;
const SHAPE = `${TIME}, or an object of such durations by ${RETENTION_CLASSES.join(', ')}`;

/** More members than there are classes are a fault anyway; their problems are reported up to this many. */
const MEMBERS_MAX = 100;

type RetentionClass = (typeof RETENTION_CLASSES)[number];

export interface ReadRetention {
  /** Undefined where the installation's retention applies to all classes, and where there are problems. */
  readonly retention?: WorkflowRetention;
  readonly problems: readonly Problem[];
}

/** Reads `retention`: one duration for all classes of ended activities, or an object of durations by class. */
export function readRetention(written: unknown): ReadRetention {
  // What a body has is JSON.
  const given = written as JsonValue | undefined;
  if (given === undefined) return { problems: [] };
  if (!isJsonObject(given)) return readOne(given);
  const members = Object.entries(given).slice(0, MEMBERS_MAX);
  const problems = members.flatMap(([name, value]) => problemOf(name, value) ?? []);
  if (problems.length > 0 || members.length === 0) return { problems };
  const times = members.map(([name, value]) => [name, keptMs(value)]);
  return { retention: Object.fromEntries(times) as WorkflowRetention, problems };
}

/** As it is written, with a duration for each class that has one. */
export function retentionView(
  retention: WorkflowRetention,
): Readonly<Partial<Record<RetentionClass, string>>> {
  return Object.fromEntries(Object.entries(retention).map(([of, ms]) => [of, durationText(ms)]));
}

function readOne(given: JsonValue): ReadRetention {
  const ms = keptMs(given);
  if (ms === undefined) return { problems: [{ path: 'retention', detail: SHAPE }] };
  return { retention: { succeeded: ms, failed: ms, refused: ms }, problems: [] };
}

function problemOf(name: string, value: JsonValue): Problem | undefined {
  const path = `retention.${name}`;
  const known: readonly string[] = RETENTION_CLASSES;
  if (!known.includes(name)) return { path, detail: unknownMember(name, known) };
  return keptMs(value) === undefined ? { path, detail: TIME } : undefined;
}

function keptMs(value: JsonValue): number | undefined {
  const ms = typeof value === 'string' ? readDuration(value) : undefined;
  return ms !== undefined && ms >= DAYS_MIN * DAY_MS && ms <= DAYS_MAX * DAY_MS ? ms : undefined;
}
