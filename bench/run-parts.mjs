import { say } from '../tools/project/say.mjs';
import { medianRound } from './median-round.mjs';
import { measureAccepting } from './measure/accepting.mjs';
import { untilCompleted } from './measure/backlog.mjs';
import { measureLatency } from './measure/latency.mjs';
import { measureOverload } from './measure/overload.mjs';
import { storeActivities } from './measure/stored.mjs';
import { measureSustained } from './measure/sustained.mjs';
import { startBarePipeline, startFloor } from './system/floors.mjs';
import { startFlow } from './system/flow.mjs';
import { WARM_UP_SECONDS } from './warm-up-seconds.mjs';

const CONNECTIONS = 64;
const CONNECTIONS_TRIED = [16, 64, 256];
const OVERLOAD_CONNECTIONS = 2_560;
const RATES_PER_SECOND = [10, 200];

/** The share of the whole time for a figure that is not about sustained load. */
const SHORT_SHARE = 1 / 6;

const WARM_UP = { connections: 16, seconds: WARM_UP_SECONDS };

/**
 * @typedef {import('./measure/accepting.mjs').Accepting} Accepting
 * @typedef {import('./measure/sustained.mjs').Sustained} Sustained
 * @typedef {import('./load/percentiles.mjs').Percentiles} Percentiles
 *
 * @typedef {object} Figures medians of the rounds; what was not asked for is not there
 * @property {Accepting} [barePost] a
 * @property {Accepting} [publishingPost] b
 * @property {Sustained} [barePipeline] c
 * @property {Percentiles[]} [bareLatency] c, at the rates of f
 * @property {Accepting[]} [accepting] d, at 16, 64 and 256 connections
 * @property {Accepting} [halfLoad] d, at half of what 64 connections get through
 * @property {Sustained} [sustained] e
 * @property {Percentiles[]} [latency] f, at 10 and 200 events a second
 * @property {Sustained} [storedSustained] h, e again
 * @property {Percentiles[]} [storedLatency] h, f again
 * @property {import('./measure/overload.mjs').Overload} [overload] i
 */

/** Runs the selected parts one after the other. */
export class PartsRun {
  #options;
  #backends;
  #folder;

  /**
   * @param {import('./options.mjs').BenchOptions} options
   * @param {import('./system/backends.mjs').Backends} backends
   * @param {string} folder for logs
   */
  constructor(options, backends, folder) {
    this.#options = options;
    this.#backends = backends;
    this.#folder = folder;
  }

  /** @returns {Promise<Figures>} */
  async run() {
    /** @type {Figures} */
    const figures = {};
    if (this.#wants('a')) figures.barePost = await this.#floor('bare-post');
    if (this.#wants('b')) figures.publishingPost = await this.#floor('publishing-post');
    if (this.#wants('c')) Object.assign(figures, await this.#barePipeline());
    if (/[defhi]/.test(this.#options.parts)) Object.assign(figures, await this.#flow());
    return figures;
  }

  /** @param {string} part */
  #wants(part) {
    return this.#options.parts.includes(part);
  }

  get #shortSeconds() {
    return Math.max(3, this.#options.seconds * SHORT_SHARE);
  }

  /** @param {'bare-post' | 'publishing-post'} name */
  async #floor(name) {
    const floor = await startFloor(name, this.#backends, this.#folder);
    try {
      await measureAccepting(floor, WARM_UP);
      return await this.#accepting(name, floor, CONNECTIONS);
    } finally {
      await floor.stop();
    }
  }

  /** @returns {Promise<Figures>} */
  async #barePipeline() {
    const pipeline = await startBarePipeline(this.#backends, this.#folder);
    try {
      await measureSustained(pipeline, WARM_UP);
      return {
        barePipeline: await this.#sustained('bare pipeline', pipeline),
        bareLatency: await this.#latencies('bare pipeline', pipeline),
      };
    } finally {
      await pipeline.stop();
    }
  }

  /** @returns {Promise<Figures>} */
  async #flow() {
    const flow = await startFlow(this.#backends, this.#folder, this.#options.profileFolder);
    /** @type {Figures} */
    const figures = {};
    try {
      await measureSustained(flow, WARM_UP);
      if (this.#wants('d')) Object.assign(figures, await this.#ingress(flow));
      if (this.#wants('e')) figures.sustained = await this.#sustained('sustained', flow);
      if (this.#wants('f')) figures.latency = await this.#latencies('latency', flow);
      if (this.#wants('h')) Object.assign(figures, await this.#withMoreStored(flow));
      if (this.#wants('i')) figures.overload = await this.#overload(flow);
      return figures;
    } finally {
      await flow.stop();
    }
  }

  /**
   * @param {import('./system/target.mjs').ExecutingTarget} flow
   * @returns {Promise<Figures>}
   */
  async #ingress(flow) {
    const accepting = [];
    for (const connections of CONNECTIONS_TRIED) {
      accepting.push(
        await this.#accepting(`listener, ${connections} connections`, flow, connections),
      );
    }
    const full = accepting[CONNECTIONS_TRIED.indexOf(CONNECTIONS)]?.perSecond ?? NaN;
    const halfLoad = await this.#accepting('listener, half load', flow, CONNECTIONS, full / 2);
    return { accepting, halfLoad };
  }

  /**
   * @param {import('./system/target.mjs').ExecutingTarget} flow
   * @returns {Promise<Figures>}
   */
  async #withMoreStored(flow) {
    const { storedActivities } = this.#options;
    say(`${storedActivities} more stored activities`);
    await storeActivities(flow.activities, storedActivities);
    return {
      storedSustained: await this.#sustained('sustained, more stored', flow),
      storedLatency: await this.#latencies('latency, more stored', flow),
    };
  }

  /** @param {import('./system/target.mjs').ExecutingTarget} flow */
  #overload(flow) {
    say('overload');
    return measureOverload(flow, {
      connections: OVERLOAD_CONNECTIONS,
      seconds: 2 * this.#shortSeconds,
    });
  }

  /**
   * @param {string} what
   * @param {import('./system/target.mjs').Target | import('./system/target.mjs').ExecutingTarget} target
   * @param {number} connections
   * @param {number} [perSecond]
   * @returns {Promise<Accepting>}
   */
  async #accepting(what, target, connections, perSecond) {
    const load = { connections, seconds: this.#shortSeconds, ...(perSecond && { perSecond }) };
    return this.#rounds(
      what,
      ({ perSecond: reached }) => reached,
      async () => {
        const before = 'completed' in target ? await target.completed() : 0;
        const accepting = await measureAccepting(target, load);
        if ('completed' in target) await untilCompleted(target, before + accepting.accepted);
        return accepting;
      },
    );
  }

  /**
   * @param {string} what
   * @param {import('./system/target.mjs').ExecutingTarget} target
   * @returns {Promise<Sustained>}
   */
  #sustained(what, target) {
    const load = { connections: CONNECTIONS, seconds: this.#options.seconds };
    return this.#rounds(
      what,
      ({ settledPerSecond }) => settledPerSecond,
      () => measureSustained(target, load),
    );
  }

  /**
   * @param {string} what
   * @param {import('./system/target.mjs').ExecutingTarget} target
   * @returns {Promise<Percentiles[]>}
   */
  async #latencies(what, target) {
    const latencies = [];
    for (const perSecond of RATES_PER_SECOND) {
      const load = { perSecond, seconds: 2 * this.#shortSeconds };
      latencies.push(
        await this.#rounds(
          `${what}, ${perSecond} events/s`,
          ({ p99 }) => p99,
          () => measureLatency(target, load),
        ),
      );
    }
    return latencies;
  }

  /**
   * @template T
   * @param {string} what
   * @param {(round: T) => number} figure the one that the rounds are told apart by
   * @param {() => Promise<T>} measure
   * @returns {Promise<T>}
   */
  async #rounds(what, figure, measure) {
    const rounds = [];
    while (rounds.length < this.#options.rounds) rounds.push(await measure());
    const figures = rounds.map((round) => figure(round).toFixed(1)).join(', ');
    say(`${what}: ${figures}`);
    return medianRound(rounds, figure);
  }
}
