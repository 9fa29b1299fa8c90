import process from 'node:process';
import { ensureBuild } from '../tools/project/build.mjs';
import { builtModule } from './system/built-module.mjs';

/*
 * Measures the cost to find the workflows that an event starts: CPU time an event with 1 to 10,000 subscriptions, for
 * several kinds of filters; and the CESQL expressions that are compiled and evaluated a second. One process, no server.
 *
 *   node bench/filters.mjs
 */

await ensureBuild();
const { Subscriptions } =
  /** @type {typeof import('../apps/listener/src/acceptance/subscriptions.js')} */ (
    await builtModule('apps/listener/src/acceptance/subscriptions.js')
  );
const { CompiledFilters } = /** @type {typeof import('@app/filters')} */ (
  await builtModule('libs/filters/src/index.js')
);
const { CesqlExpression } = /** @type {typeof import('@app/cesql')} */ (
  await builtModule('libs/cesql/src/index.js')
);

const OF_TYPE = { exact: { type: 'order.placed' } };
/** @type {Record<string, (at: number) => import('@app/json').JsonObject>} */
const SHAPES = {
  'CESQL, one type': (at) => ({
    all: [OF_TYPE, { sql: `country = 'CH' AND amount > ${at % 500}` }],
  }),
  'prefix of the subject, one type': (at) => ({
    all: [OF_TYPE, { prefix: { subject: `order ${at}` } }],
  }),
  'JSONPath, one type': (at) => ({
    all: [OF_TYPE, { conditions: [{ field: '$.data.total', operation: 'equals', value: at }] }],
  }),
  'one of 50 sources': (at) => ({ exact: { type: 'order.placed', source: `/shop/${at % 50}` } }),
  'other types': (at) => ({ exact: { type: `other.${at}` } }),
};
const EXPRESSIONS = [
  "type = 'a'",
  "country IN ('CH', 'AT') AND amount >= 100 AND type LIKE 'order.%'",
  "NOT EXISTS coupon OR LOWER(SUBSTRING(subject, 1, 5)) = 'order'",
];

for (const [name, filterOf] of Object.entries(SHAPES))
  for (const count of [1, 100, 1_000, 10_000]) {
    const subscriptions = new Subscriptions(new CompiledFilters());
    const workflows = Array.from({ length: count }, (_, at) => workflow(at, filterOf(at)));
    const match = (/** @type {number} */ at) => subscriptions.matching(workflows, event(at));
    const rounds = Math.max(20, Math.min(20_000, Math.floor(200_000 / count)));
    cpuOf(rounds / 4, match);
    say(`${name}, ${count} subscriptions: ${cpuOf(rounds, match).toFixed(1)} µs of CPU an event`);
  }
for (const text of EXPRESSIONS) {
  const compiled = cpuOf(50_000, () => new CesqlExpression(text));
  const expression = new CesqlExpression(text);
  const { extensions, type, subject } = event(7);
  /** @type {Record<string, string | number | boolean | undefined>} */
  const all = { type, subject, ...extensions };
  const get = (/** @type {string} */ name) => all[name];
  const evaluated = cpuOf(1_000_000, () => expression.evaluate(get));
  say(`${text}: ${rate(compiled)} compiled/s, ${rate(evaluated)} evaluated/s`);
}

/**
 * @param {number} at
 * @param {import('@app/json').JsonObject} filter
 * @returns {import('@app/persistence').Workflow}
 */
function workflow(at, filter) {
  return {
    ...{ id: `w${at}`, name: `w${at}`, status: /** @type {const} */ ('active') },
    triggers: { event: { enabled: true, filter } },
    ...{ labels: {}, tokens: [], latestRevision: 1, requires: [], lockVersion: 1, createdAt: 0 },
  };
}

/** @param {number} at @returns {import('@app/events').CloudEvent} */
function event(at) {
  return {
    ...{ specversion: '1.0', id: `e${at}`, source: `/shop/${at % 50}`, type: 'order.placed' },
    subject: `order ${at}`,
    extensions: { country: ['CH', 'DE', 'AT'][at % 3] ?? '', amount: at % 500 },
    data: { kind: 'json', text: '{}', value: { status: 'paid', total: at } },
  };
}

/**
 * @param {number} rounds
 * @param {(at: number) => unknown} work
 * @returns {number} microseconds of CPU time a round
 */
function cpuOf(rounds, work) {
  const before = process.cpuUsage();
  for (let at = 0; at < rounds; at += 1) work(at);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / rounds;
}

/** @param {number} micros */
function rate(micros) {
  return Math.round(1e6 / micros).toLocaleString('en');
}

/** @param {string} line */
function say(line) {
  process.stdout.write(`${line}\n`);
}
