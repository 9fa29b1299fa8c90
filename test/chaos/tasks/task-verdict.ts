import { type ActivityView } from '../../support/flow-api.js';
import { type Call } from '../../support/target-server.js';
import { type SideEffect } from '../side-effects.js';
import { CALLED, CHILDREN, EXPECTED } from './task-workflows.js';

/** A run that was begun by an event, with what the event said. */
export interface BegunRun {
  readonly id: string;
  /** The name of its workflow. */
  readonly workflow: string;
  readonly n: number;
}

type LockedCall = Pick<Call, 'path' | 'body' | 'idempotencyKey'>;

/** All that is known at the end, when no run makes progress any more. */
export interface TaskEvidence {
  readonly begun: readonly BegunRun[];
  readonly activities: readonly ActivityView[];
  /** Of the workflow that others begin runs of. */
  readonly children: readonly ActivityView[];
  /** By idempotency key: `<activity>:<task>:<n>`. */
  readonly effects: ReadonlyMap<string, SideEffect>;
  /** The calls within locks, in the order they came. */
  readonly lockCalls: readonly LockedCall[];
  /** The same of runs that have a slot, of which there is one for each body. */
  readonly slotCalls: readonly LockedCall[];
  /** The ids of the events that runs have sent to NATS. */
  readonly told: readonly string[];
}

/**
 * Every broken promise, in words:
 * T1. Each run ends as its workflow says, with its results.
 * T2. Each task with a side effect has it once: under one key, though perhaps more than one call.
 * T3. Each run that is to be begun is begun once.
 * T4. An event that a run sends is one event.
 * T5. No run calls within a lock, or a slot, that another run holds.
 */
export function brokenTaskPromises(evidence: TaskEvidence): readonly string[] {
  const { begun, activities, children, told } = evidence;
  const byId = new Map(activities.map((activity) => [activity.id, activity]));
  const expected = begun.reduce((sum, { workflow }) => sum + (CHILDREN[workflow] ?? 0), 0);
  const senders = begun.filter(({ workflow }) => workflow === 'calls');
  const asChildren = children.map(({ id }) => ({ id, workflow: CALLED, n: 0 }));
  return [
    ...begun.flatMap((run) => endProblems(run, byId.get(run.id))),
    ...children.flatMap((child) => endProblems({ id: child.id, workflow: CALLED, n: 0 }, child)),
    ...[...begun, ...asChildren].flatMap((run) => effectProblems(run, evidence.effects)),
    ...(children.length === expected
      ? []
      : [`T3: runs have begun ${children.length} others, not ${expected}`]),
    ...senders.flatMap(({ id }) => {
      const events = told.filter((event) => event.startsWith(`${id}:`));
      return events.length === 1 ? [] : [`T4: ${id} has sent ${events.length} events`];
    }),
    ...lockProblems(evidence.lockCalls, 'lock'),
    ...lockProblems(evidence.slotCalls, 'slot'),
  ];
}

function endProblems({ id, workflow, n }: BegunRun, run?: ActivityView): readonly string[] {
  const expected = EXPECTED[workflow];
  if (run === undefined || expected === undefined) return [`T1: ${id} of ${workflow} is gone`];
  const { status, failure, results, waitingFor } = run;
  const why = JSON.stringify(failure ?? waitingFor);
  if (status !== expected.status || failure?.code !== expected.code) {
    return [`T1: ${id} of ${workflow} is ${status}: ${why}`];
  }
  const wanted = Object.entries(expected.results?.(n) ?? {});
  return wanted.flatMap(([name, value]) =>
    JSON.stringify(results[name]) === JSON.stringify(value)
      ? []
      : [`T1: ${id} of ${workflow} has ${name} = ${JSON.stringify(results[name])}`],
  );
}

function effectProblems(
  { id, workflow }: BegunRun,
  effects: TaskEvidence['effects'],
): readonly string[] {
  return (EXPECTED[workflow]?.effects ?? []).flatMap((task) => {
    const keys = [...effects].filter(([key]) => key.startsWith(`${id}:${task}:`));
    const done = keys.filter(([, effect]) => effect.done).length;
    return done === 1 ? [] : [`T2: ${task} of ${id} (${workflow}) was carried out ${done} times`];
  });
}

/** Between the first call of one run within a lock and its last there is none of another. */
function lockProblems(calls: readonly LockedCall[], what: string): readonly string[] {
  const over = new Set<string>();
  const inside = new Map<string, string>();
  return calls.flatMap(({ body, idempotencyKey = '' }) => {
    const [run = ''] = idempotencyKey.split(':');
    const before = inside.get(body);
    if (before === run) return [];
    if (before !== undefined) over.add(before);
    inside.set(body, run);
    return over.has(run) ? [`T5: ${run} calls within a ${what} that ${before ?? ''} has`] : [];
  });
}
