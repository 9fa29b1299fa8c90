import { type ActivityView } from '../support/flow-api.js';
import { type Intrusion, INTRUSIONS } from './intrusion.js';
import { type StoresDown } from './fault.js';
import { type Exchange } from './request-log.js';

/** From the moment when all servers of a store were dead to the one when the first was started. */
export interface Outage {
  readonly of: StoresDown;
  readonly from: number;
  readonly to: number;
}

export interface IngressEvidence {
  readonly exchanges: readonly Exchange[];
  readonly outages: readonly Outage[];
  readonly activities: readonly ActivityView[];
}

/** What an answer may be that is neither a receipt nor a rejection: come again. */
const FOR_NOW: readonly (number | undefined)[] = [429, 503, undefined];
const REJECTION_CODES: readonly string[] = ['TOKEN_MISSING', 'TOKEN_INVALID'];

/**
 * V5. An answer that asks for a retry says when; the ingress has no internal error.
 * V6. Without one of the stores events are accepted; without both none is, and the sender is told
 *     to come again.
 * V7. No intruder gets in: each is rejected, the rejection is on record, and nothing of theirs runs.
 */
export function ingressProblems(evidence: IngressEvidence): readonly string[] {
  const { exchanges, outages } = evidence;
  return [
    ...exchanges.flatMap(answerProblems),
    ...outages.flatMap((outage) => outageProblems(outage, exchangesIn(outage, exchanges))),
    ...exchanges.flatMap(intrusionProblems),
    ...rejectedRequestProblems(evidence),
  ];
}

/** Senders' requests that were sent and answered while it lasted. */
export function exchangesIn(
  { from, to }: Pick<Outage, 'from' | 'to'>,
  exchanges: readonly Exchange[],
): readonly Exchange[] {
  return exchanges.filter(
    ({ who, sentAt, endedAt }) => who === 'sender' && sentAt >= from && endedAt <= to,
  );
}

function answerProblems({ who, status = 0, retryAfter }: Exchange): readonly string[] {
  const answer = `V5: ${who} was answered ${status}`;
  if (status === 429 || status === 503) return retryAfter ? [] : [`${answer} without Retry-After`];
  return status >= 500 ? [answer] : [];
}

function outageProblems(
  { of, from, to }: Outage,
  meanwhile: readonly Exchange[],
): readonly string[] {
  const seconds = (to - from) / 1000;
  const accepted = meanwhile.filter(({ status }) => status === 202).length;
  const refused = meanwhile.filter(({ status }) => status === 503).length;
  if (of !== 'both') {
    return accepted > 0 ? [] : [`V6: ${of} was down for ${seconds} s, and no event was accepted`];
  }
  return [
    ...(accepted > 0 ? [`V6: both stores were down, and ${accepted} events were accepted`] : []),
    ...(refused > 0 ? [] : [`V6: both stores were down for ${seconds} s, and nobody was told`]),
  ];
}

function intrusionProblems({ who, status }: Exchange): readonly string[] {
  if (who === 'sender' || status === INTRUSIONS[who] || FOR_NOW.includes(status)) return [];
  return [`V7: ${who} was answered ${status ?? 0}`];
}

function rejectedRequestProblems({ exchanges, activities }: IngressEvidence): readonly string[] {
  const rejections = activities.filter(({ refusal }) => refusal !== undefined);
  const onRecord = new Set(rejections.map(({ workflowId }) => workflowId));
  const ways = Object.keys(INTRUSIONS) as readonly Intrusion[];
  const rejected = (way: Intrusion): readonly Exchange[] =>
    exchanges.filter(({ who, status }) => who === way && status === INTRUSIONS[way]);
  const refusedOn = new Set(
    ways
      .filter((way) => way !== 'an unknown workflow')
      .flatMap((way) => rejected(way).map(({ workflowId }) => workflowId)),
  );
  return [
    ...ways
      .filter((way) => rejected(way).length === 0)
      .map((way) => `V7: ${way} was never rejected`),
    ...[...refusedOn]
      .filter((id) => !onRecord.has(id))
      .map((id) => `V7: no rejected request of workflow ${id} is on record`),
    ...rejections
      .filter((activity) => !isOnlyARejectedRequest(activity))
      .map(
        ({ id, status }) =>
          `V7: rejected request ${id} is ${status}, or more than a rejected request`,
      ),
  ];
}

function isOnlyARejectedRequest({ status, failure, event, tasks, results }: ActivityView): boolean {
  return (
    status === 'failed' &&
    REJECTION_CODES.includes(failure?.code ?? '') &&
    event === undefined &&
    tasks.length === 0 &&
    Object.keys(results).length === 0
  );
}
