import { type ActivityView } from '../support/flow-api.js';
import { type ChaosSettings } from './chaos-settings.js';
import { type EventSenders } from './event-sender.js';
import { type MischiefMaker } from './mischief-maker.js';
import { type SideEffects } from './side-effects.js';

export interface ChaosRun {
  readonly settings: ChaosSettings;
  readonly senders: EventSenders;
  readonly effects: SideEffects;
  readonly activities: readonly ActivityView[];
  readonly mischief: MischiefMaker;
}

/** What a run was like, for people. */
export function figuresOf({ settings, senders, effects, activities, mischief }: ChaosRun): string {
  const { requests, accepted, replayed, refusedForNow, unanswered } = senders.figures;
  const { seed, loadMs, cluster } = settings;
  const minutes = loadMs / 60_000;
  const seconds = secondsToFinal(activities);
  const calls = [...effects.byKey.values()].reduce((sum, effect) => sum + effect.calls, 0);
  return [
    ...mischief.done,
    `requests ${requests}: ${accepted} accepted, ${replayed} were there already, ${refusedForNow} refused for now, ${unanswered} unanswered`,
    `events ${senders.events.length}, activities ${activities.length}: ${countedByStatus(activities)}`,
    `calls ${calls} under ${effects.byKey.size} keys: ${calls - effects.byKey.size} repeated`,
    `accepted to final: median ${middleOf(seconds)} s, worst ${seconds.at(-1) ?? 0} s`,
    `again: npm run chaos -- --minutes ${minutes.toFixed(2)} --seed ${seed}${cluster ? ' --cluster' : ''}`,
  ].join('\n');
}

/** Sorted. */
function secondsToFinal(activities: readonly ActivityView[]): readonly number[] {
  return activities
    .flatMap(({ createdAt, endedAt }) =>
      endedAt === undefined ? [] : [(Date.parse(endedAt) - Date.parse(createdAt)) / 1000],
    )
    .sort((a, b) => a - b);
}

function middleOf(sorted: readonly number[]): number {
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

function countedByStatus(activities: readonly ActivityView[]): string {
  const counts = new Map<string, number>();
  for (const { status } of activities) counts.set(status, (counts.get(status) ?? 0) + 1);
  return [...counts].map(([status, count]) => `${count} ${status}`).join(', ');
}
