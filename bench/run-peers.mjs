import { say } from '../tools/project/say.mjs';
import { hasWrk } from './load/run-wrk.mjs';
import { medianRound } from './median-round.mjs';
import { measureSustained } from './measure/sustained.mjs';
import { startBarePipeline } from './system/floors.mjs';
import { startFlow } from './system/flow.mjs';
import { installPeers, startBullMq } from './system/peers.mjs';
import { redisVersion, startRedis } from './system/redis-server.mjs';
import { WARM_UP_SECONDS } from './warm-up-seconds.mjs';

const CONNECTIONS = 64;
const BATCH_CONNECTIONS = 8;
const EVENTS_PER_BATCH = 100;

/**
 * @typedef {object} Contender
 * @property {string} name
 * @property {string} durability what a loss of power takes of what was acknowledged
 * @property {import('./system/target.mjs').CompletingTarget} target
 * @property {number} [eventsPerRequest]
 *
 * @typedef {object} PeerFigure the round in the middle
 * @property {string} name
 * @property {string} durability
 * @property {import('./measure/sustained.mjs').Sustained} sustained
 */

/**
 * Measures this project, the bare pipeline and BullMQ once in every round, so that other load on the machine affects all
 * of them alike.
 *
 * @param {import('./options.mjs').BenchOptions} options
 * @param {import('./system/backends.mjs').Backends} backends
 * @param {string} folder
 * @returns {Promise<PeerFigure[]>}
 */
export async function runPeers(options, backends, folder) {
  const version = redisVersion();
  if (version === undefined) throw new Error('--peers needs a redis-server on the PATH');
  say(
    `redis-server ${version}; load by ${hasWrk() ? 'wrk' : 'our own generator: wrk is not here'}`,
  );
  installPeers();
  const always = await startRedis(folder, 'always');
  const everysec = await startRedis(folder, 'everysec');
  /** @type {Contender[]} */
  const contenders = [];
  try {
    await startAll(contenders, { options, backends, folder, always, everysec });
    return await measureAll(contenders, options);
  } finally {
    for (const { target } of new Set(contenders)) await target.stop();
    await always.stop();
    await everysec.stop();
  }
}

/**
 * @param {Contender[]} contenders what has been started, also when another does not start
 * @param {{ options: import('./options.mjs').BenchOptions,
 *   backends: import('./system/backends.mjs').Backends, folder: string,
 *   always: { port: number, pid: number }, everysec: { port: number, pid: number } }} on
 */
async function startAll(contenders, { options, backends, folder, always, everysec }) {
  const journaled = 'nothing: journaled by a majority before 202, and each run before its end';
  const flow = await startFlow(backends, folder, options.profileFolder);
  contenders.push({ name: 'Flow Eventing', durability: journaled, target: flow });
  contenders.push({
    name: `Flow Eventing, ${EVENTS_PER_BATCH} events a request`,
    durability: journaled,
    target: {
      ...flow,
      headers: { ...flow.headers, 'content-type': 'application/cloudevents-batch+json' },
      stop: () => Promise.resolve(),
    },
    eventsPerRequest: EVENTS_PER_BATCH,
  });
  contenders.push({
    name: 'bare pipeline (same stores, nothing else)',
    durability: 'nothing: as above',
    target: await startBarePipeline(backends, folder),
  });
  contenders.push({
    name: 'BullMQ, each step saved, appendfsync always',
    durability: 'nothing, on one Redis',
    target: await startBullMq('bullmq-always', always, true, folder),
  });
  contenders.push({
    name: 'BullMQ, each step saved, appendfsync everysec',
    durability: 'about the last second of events, steps and ends',
    target: await startBullMq('bullmq-everysec', everysec, true, folder),
  });
  contenders.push({
    name: 'BullMQ, plain: no step saved, appendfsync everysec',
    durability: 'about the last second; all steps of what was being worked on run again',
    target: await startBullMq('bullmq-plain', everysec, false, folder),
  });
}

/**
 * @param {Contender[]} contenders
 * @param {import('./options.mjs').BenchOptions} options
 * @returns {Promise<PeerFigure[]>}
 */
async function measureAll(contenders, { rounds, seconds }) {
  const measured = contenders.map((contender) => ({
    ...contender,
    rounds: /** @type {import('./measure/sustained.mjs').Sustained[]} */ ([]),
  }));
  for (const one of contenders) await measureSustained(one.target, loadOf(one, WARM_UP_SECONDS));
  for (let round = 1; round <= rounds; round += 1) {
    for (const one of measured) {
      const figure = await measureSustained(one.target, loadOf(one, seconds));
      one.rounds.push(figure);
      const { acceptedPerSecond, completedPerSecond } = figure;
      say(
        `${one.name}: accepted ${acceptedPerSecond.toFixed(0)}/s, ` +
          `completed ${completedPerSecond.toFixed(0)}/s`,
      );
    }
  }
  return measured.map(({ name, durability, rounds: taken }) => ({
    name,
    durability,
    sustained: medianRound(taken, ({ settledPerSecond }) => settledPerSecond),
  }));
}

/**
 * @param {Contender} contender
 * @param {number} seconds
 */
function loadOf({ eventsPerRequest }, seconds) {
  const connections = eventsPerRequest === undefined ? CONNECTIONS : BATCH_CONNECTIONS;
  return { connections, seconds, wrk: hasWrk(), ...(eventsPerRequest && { eventsPerRequest }) };
}
