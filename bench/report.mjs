/** @typedef {import('./run-parts.mjs').Figures} Figures */

/**
 * @param {Figures} figures
 * @returns {string} a table for people, a line for each figure
 */
export function tableOf(figures) {
  const { barePost, publishingPost, overload } = figures;
  const rows = [
    ...acceptingRow('a  bare Fastify POST', barePost),
    ...acceptingRow('b  Fastify + JetStream publish', publishingPost),
    ...sustainedRow('c  bare pipeline', figures.barePipeline),
    ...latencyRows('c  bare pipeline', figures.bareLatency),
    ...(figures.accepting ?? []).flatMap((accepting, at) =>
      acceptingRow(`d  listener, ${[16, 64, 256][at] ?? ''} connections`, accepting),
    ),
    ...acceptingRow('d  listener, half load', figures.halfLoad),
    ...sustainedRow('e  accepted -> completed', figures.sustained),
    ...latencyRows('f  request -> final', figures.latency),
    ...usageRows('g  ', figures.sustained),
    ...usageRows('g  bare: ', figures.barePipeline),
    ...sustainedRow('h  e with more stored', figures.storedSustained),
    ...latencyRows('h  f with more stored', figures.storedLatency),
    ...(overload ? [['i  overload', overloadText(overload)]] : []),
    ...ratioRows(figures),
  ];
  const width = Math.max(...rows.map(([what = '']) => what.length));
  return rows.map(([what = '', value = '']) => `${what.padEnd(width)}  ${value}\n`).join('');
}

/**
 * @param {Figures} figures
 * @returns {Record<string, number>} what can be compared with another machine's
 */
export function ratiosOf({ barePost, accepting, barePipeline, sustained, storedSustained }) {
  return {
    ...ratio('e/c completed', sustained?.completedPerSecond, barePipeline?.completedPerSecond),
    ...ratio('e/c with the backlog', sustained?.settledPerSecond, barePipeline?.settledPerSecond),
    ...ratio('d/a at 64 connections', accepting?.[1]?.perSecond, barePost?.perSecond),
    ...ratio(
      'h/e with the backlog',
      storedSustained?.settledPerSecond,
      sustained?.settledPerSecond,
    ),
  };
}

/**
 * @param {string} what
 * @param {number | undefined} figure
 * @param {number | undefined} floor
 */
function ratio(what, figure, floor) {
  return figure === undefined || floor === undefined ? {} : { [what]: figure / floor };
}

/** @param {Figures} figures */
function ratioRows(figures) {
  return Object.entries(ratiosOf(figures)).map(([what, value]) => [what, value.toFixed(2)]);
}

/**
 * @param {string} what
 * @param {import('./measure/accepting.mjs').Accepting | undefined} accepting
 */
function acceptingRow(what, accepting) {
  if (!accepting) return [];
  const { perSecond, latencyMs, answers } = accepting;
  return [[what, `${whole(perSecond)}/s, ${percentiles(latencyMs)}${othersOf(answers)}`]];
}

/**
 * @param {string} what
 * @param {import('./measure/sustained.mjs').Sustained | undefined} sustained
 */
function sustainedRow(what, sustained) {
  if (!sustained) return [];
  const { acceptedPerSecond, completedPerSecond, settledPerSecond } = sustained;
  const { backlog, emptyAfterSeconds, answers } = sustained;
  return [
    [
      what,
      `accepted ${whole(acceptedPerSecond)}/s, completed ${whole(completedPerSecond)}/s, ` +
        `backlog ${whole(backlog)}, empty after ${emptyAfterSeconds.toFixed(1)} s ` +
        `(${whole(settledPerSecond)}/s in all)${othersOf(answers)}`,
    ],
  ];
}

/**
 * @param {string} what
 * @param {import('./load/percentiles.mjs').Percentiles[] | undefined} latencies
 */
function latencyRows(what, latencies = []) {
  return latencies.map((latency, at) => [
    `${what}, ${[10, 200][at] ?? ''} events/s`,
    percentiles(latency),
  ]);
}

/**
 * @param {string} before
 * @param {import('./measure/sustained.mjs').Sustained | undefined} sustained
 */
function usageRows(before, sustained) {
  if (!sustained) return [];
  const { usage, accepted, loadCpuSeconds } = sustained;
  const perThousand = (/** @type {number} */ seconds) =>
    `${((seconds * 1000) / accepted).toFixed(3)} CPU s per 1,000 events`;
  return [
    ...Object.entries(usage.processes).map(([name, { cpuSeconds, residentMiB }]) => [
      before + name,
      `${perThousand(cpuSeconds)}, ${whole(Math.max(...residentMiB))} MiB at most`,
    ]),
    [`${before}load generator`, perThousand(loadCpuSeconds)],
    [`${before}everything else on the machine`, `${usage.othersCpu.toFixed(2)} CPUs`],
  ];
}

/** @param {import('./measure/overload.mjs').Overload} overload */
function overloadText(overload) {
  const { acceptedPerSecond, listenerMiBFirstHalf, listenerMiBSecondHalf, answers } = overload;
  return (
    `accepted ${whole(acceptedPerSecond)}/s, listener ${whole(listenerMiBFirstHalf)} MiB at most ` +
    `in the first half, ${whole(listenerMiBSecondHalf)} in the second${othersOf(answers)}`
  );
}

/** @param {import('./load/percentiles.mjs').Percentiles} latencyMs */
function percentiles({ p50, p99 }) {
  return `p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`;
}

/** @param {Record<string, number>} answers */
function othersOf({ 202: _accepted, ...others }) {
  const texts = Object.entries(others).map(([status, count]) => `${count} x ${status}`);
  return texts.length === 0 ? '' : `; ${texts.join(', ')}`;
}

/** @param {number} figure */
function whole(figure) {
  return Math.round(figure).toLocaleString('en');
}
