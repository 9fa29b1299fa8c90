import { percentilesOf } from '../../bench/load/percentiles.mjs';

/** The answers that ask a sender to retry. Any other answer than these and 202 is a failure. */
const CLEAN_REFUSALS = new Set([429, 503]);

/**
 * @typedef {object} Outcome
 * @property {readonly import('./sender.mjs').Sent[]} sent
 * @property {Readonly<Record<string, number>>} statuses how many activities have which
 * @property {ReadonlyMap<string, number>} calls by idempotency key
 * @property {readonly string[]} ended how each process ended
 *
 * @param {Outcome} outcome
 * @returns {{ lines: string[], broken: string[] }} the figures, and the broken promises
 */
export function judge({ sent, statuses, calls, ended }) {
  const lines = [];
  const broken = [];
  for (const phase of new Set(sent.map((each) => each.phase))) {
    const of = sent.filter((each) => each.phase === phase);
    const times = of.filter(({ answer }) => answer === 202).map(({ tookMs }) => tookMs);
    const { p50, p99, max } = percentilesOf(times);
    const others = Object.entries(countBy(of, ({ answer }) => String(answer))).filter(
      ([answer]) => answer !== '202',
    );
    lines.push(
      `${phase}: ${times.length} x 202, p50 ${p50.toFixed(0)} ms, p99 ${p99.toFixed(0)} ms, at most ${max.toFixed(0)} ms` +
        others.map(([answer, count]) => `; ${count} x ${answer}`).join(''),
    );
  }
  const unanswered = sent.filter(
    ({ answer }) => answer !== 202 && !CLEAN_REFUSALS.has(Number(answer)),
  );
  if (unanswered.length > 0) broken.push(`${unanswered.length} requests without a proper answer`);
  const accepted = sent.filter(({ activityId }) => activityId !== undefined).length;
  const { succeeded = 0 } = statuses;
  lines.push(`accepted ${accepted}, activities ${JSON.stringify(statuses)}, called ${calls.size}`);
  if (succeeded !== accepted) broken.push(`${accepted} accepted, ${succeeded} succeeded`);
  if (calls.size !== accepted) broken.push(`${accepted} accepted, ${calls.size} called`);
  const repeated = [...calls.values()].filter((count) => count > 1).length;
  lines.push(`${repeated} calls were repeated under their key`);
  for (const end of ended) {
    if (!end.endsWith('exit code 0')) broken.push(end);
  }
  return { lines, broken };
}

/**
 * @template T
 * @param {readonly T[]} items
 * @param {(item: T) => string} keyOf
 * @returns {Record<string, number>}
 */
function countBy(items, keyOf) {
  /** @type {Record<string, number>} */
  const counts = {};
  for (const item of items) counts[keyOf(item)] = (counts[keyOf(item)] ?? 0) + 1;
  return counts;
}
