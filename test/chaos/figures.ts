import { type ActivityView } from '../support/flow-api.js';
import { again, type ChaosSettings } from './chaos-settings.js';
import { type IngressEvidence, exchangesIn, type Outage } from './ingress-verdict.js';
import { type SentEvent } from './event-sender.js';
import { type InjectedFault } from './fault-injector.js';
import { type Exchange } from './request-log.js';
import { duplicatesIn, type Evidence } from './verdict.js';

export interface ChaosRun {
  readonly settings: ChaosSettings;
  readonly evidence: Evidence & IngressEvidence;
  readonly injected: readonly InjectedFault[];
  /** How often everything unfinished was asked what it waits for, while it went on. */
  readonly looks: number;
}

/** The report of a run, for people. */
export function figuresOf({ settings, evidence, injected, looks }: ChaosRun): string {
  const { exchanges, events, activities, effects, outages } = evidence;
  const waits = waitsOf(events, activities);
  const runs = activities.filter(({ refusal }) => refusal === undefined);
  const calls = [...effects.values()].reduce((sum, effect) => sum + effect.calls, 0);
  const duplicates = duplicatesIn(evidence);
  return [
    ...injected
      .toSorted((a, b) => a.from - b.from)
      .map((fault) => faultText(fault, exchanges, waits)),
    `senders: ${countsText(exchanges.filter(({ who }) => who === 'sender'))}`,
    ...outages.map((outage) => outageText(outage, exchanges)),
    `intruders: ${intrudersText(evidence)}`,
    `events ${events.length}, activities ${runs.length}: ${countedByStatus(runs)}; asked ${looks} times what they wait for`,
    `duplicates: ${duplicates.activities} activities, ${duplicates.calls} calls`,
    `calls ${calls} under ${effects.size} keys: ${calls - effects.size} repeated`,
    `accepted to final: ${waitsText(waits)}`,
    `again: ${again(settings)}`,
  ].join('\n');
}

/** From the first 2xx to the end of the activity. */
interface Wait {
  readonly acceptedAt: number;
  readonly ms: number;
}

/** The shortest first. */
function waitsOf(
  events: readonly SentEvent[],
  activities: readonly ActivityView[],
): readonly Wait[] {
  const endOf = new Map(
    activities.map(({ workflowId, event, endedAt }) => [
      `${workflowId}/${event?.id ?? ''}`,
      endedAt,
    ]),
  );
  return events
    .flatMap(({ workflowId, id, acceptedAt }): readonly Wait[] => {
      const endedAt = endOf.get(`${workflowId}/${id}`);
      if (acceptedAt === undefined || endedAt === undefined) return [];
      return [{ acceptedAt, ms: Math.max(0, Date.parse(endedAt) - acceptedAt) }];
    })
    .sort((a, b) => a.ms - b.ms);
}

function waitsText(waits: readonly Wait[]): string {
  const at = (share: number): string =>
    ((waits[Math.min(waits.length - 1, Math.floor(waits.length * share))]?.ms ?? 0) / 1000).toFixed(
      2,
    );
  return `median ${at(0.5)} s, p99 ${at(0.99)} s, worst ${at(1)} s`;
}

/** What was asked and answered while it was done and undone. */
function faultText(
  { text, from, to }: InjectedFault,
  exchanges: readonly Exchange[],
  waits: readonly Wait[],
): string {
  const meanwhile = exchanges.filter(
    ({ who, endedAt }) => who === 'sender' && endedAt >= from && endedAt <= to,
  );
  const worst = waits.findLast(({ acceptedAt }) => acceptedAt >= from && acceptedAt <= to);
  const worstText = worst ? `; worst to final ${(worst.ms / 1000).toFixed(1)} s` : '';
  return `${text}: ${countsText(meanwhile)}${worstText}`;
}

function outageText(outage: Outage, exchanges: readonly Exchange[]): string {
  const meanwhile = exchangesIn(outage, exchanges);
  const seconds = ((outage.to - outage.from) / 1000).toFixed(1);
  return `without ${outage.of} for ${seconds} s: ${countsText(meanwhile)}`;
}

function countsText(exchanges: readonly Exchange[]): string {
  const counts: readonly (readonly [string, (exchange: Exchange) => boolean])[] = [
    ['accepted', ({ status, replayed }) => status === 202 && !replayed],
    ['replayed', ({ replayed }) => replayed],
    ['refused for now', ({ status }) => status === 429 || status === 503],
    ['unanswered', ({ status }) => status === undefined],
  ];
  const texts = counts
    .map(([what, is]) => [exchanges.filter(is).length, what] as const)
    .flatMap(([count, what]) => (count > 0 ? [`${count} ${what}`] : []));
  return `${exchanges.length} requests${texts.length > 0 ? `: ${texts.join(', ')}` : ''}`;
}

function intrudersText({ exchanges, activities }: IngressEvidence): string {
  const intrusions = exchanges.filter(({ who }) => who !== 'sender');
  const rejected = intrusions.filter(({ status }) => status === 401 || status === 403).length;
  const counted = activities.reduce((sum, { refusal }) => sum + (refusal?.count ?? 0), 0);
  return `${intrusions.length} requests, ${rejected} rejected; ${counted} rejected requests on record`;
}

function countedByStatus(activities: readonly ActivityView[]): string {
  const counts = new Map<string, number>();
  for (const { status } of activities) counts.set(status, (counts.get(status) ?? 0) + 1);
  return [...counts].map(([status, count]) => `${count} ${status}`).join(', ');
}
