import process from 'node:process';
import { Connections } from './connections.mjs';
import { eventMaker } from './event.mjs';
import { closedLoop, openLoop } from './loops.mjs';
import { percentilesOf } from './percentiles.mjs';

/**
 * The load generator. It is a process of its own, so that it does not share an event loop with what it measures. Its
 * argument is a `Load` as JSON; its result is one line of JSON on standard output.
 *
 * @typedef {object} Load
 * @property {string} url
 * @property {Record<string, string>} headers
 * @property {string} workflowId
 * @property {string} batch what the ids of its events begin with
 * @property {number} connections
 * @property {number} seconds
 * @property {number} [perSecond] at a fixed rate; else as fast as the answers come
 * @property {number} [eventsPerRequest] as a batch; absent sends each by itself
 * @property {boolean} [tracked] tells of each event when it was sent, after the warm-up
 *
 * @typedef {object} LoadResult
 * @property {number} accepted answered with 2xx
 * @property {Record<string, number>} answers how many of each status
 * @property {number} startedAt in milliseconds since 1970
 * @property {number} seconds
 * @property {import('./percentiles.mjs').Percentiles} latencyMs of the accepted ones, after the warm-up
 * @property {number} cpuSeconds of this process
 * @property {[id: string, sentAt: number][]} sent if `tracked`; in milliseconds since 1970
 */

/**
 * What is due in this time is sent, and not timed: this process is new, so it opens its connections and
 * compiles its code meanwhile, and that would be the slowest hundredth of what it sees.
 */
const WARM_UP_MS = 1_000;

/** @type {unknown} */
const argument = JSON.parse(process.argv[2] ?? '');
const load = /** @type {Load} */ (argument);
const nextEvent = eventMaker(load.workflowId, load.batch);
const connections = new Connections(load.url, load.headers, load.connections);

let accepted = 0;
/** @type {Record<string, number>} */
const answers = {};
/** @type {number[]} */
const latencies = [];
/** @type {[string, number][]} */
const sent = [];

function nextBody() {
  const { eventsPerRequest } = load;
  if (eventsPerRequest === undefined) return nextEvent();
  const events = Array.from({ length: eventsPerRequest }, nextEvent);
  return { id: events[0]?.id ?? '', body: `[${events.map(({ body }) => body).join(',')}]` };
}

/** @param {number} dueAt */
async function send(dueAt) {
  const { id, body } = nextBody();
  const timed = dueAt - begin >= WARM_UP_MS;
  if (load.tracked && timed) sent.push([id, performance.timeOrigin + dueAt]);
  const status = await connections.post(body);
  answers[status] = (answers[status] ?? 0) + 1;
  if (!status.startsWith('2')) return;
  accepted += load.eventsPerRequest ?? 1;
  if (timed) latencies.push(performance.now() - dueAt);
}

const begin = performance.now();
const { perSecond } = load;
await (perSecond === undefined ? closedLoop(send, load) : openLoop(send, { ...load, perSecond }));
const seconds = (performance.now() - begin) / 1000;
await connections.close();

const { user, system } = process.cpuUsage();
/** @type {LoadResult} */
const result = {
  accepted,
  answers,
  startedAt: performance.timeOrigin + begin,
  seconds,
  latencyMs: percentilesOf(latencies),
  cpuSeconds: (user + system) / 1e6,
  sent,
};
process.stdout.write(`${JSON.stringify(result)}\n`);
