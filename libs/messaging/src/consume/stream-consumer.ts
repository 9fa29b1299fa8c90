/**
 * Keeps messages coming from one durable consumer, whatever happens to the connection, the pull, the consumer and the
 * stream.
 *
 * S1. Messages in flight and asked for are together never more than `messagesInFlightMax` and `bytesInFlightMax`,
 *   except for a single message that is larger. A message that brings several items counts as that many.
 * S2. At most one pull is open; a lost one is replaced after a reconciliation of the topology.
 * S3. While the link is down, or work is paused, nothing is tried; the end of that opens a pull.
 * S4. Messages that wait while none is delivered for `stuckAfterMs` are reported. The first remedy is a new pull, the
 *   second a new consumer.
 * S5. Twice in `stuckAfterMs` the topology is reconciled, and the consumer's counts are compared with those of the
 *   stream, because a consumer may have lost a message and then reports nothing about it. One whose counts are wrong
 *   is made anew.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { type NatsLink } from '../link/nats-link.js';
import { type TopologyProvisioner } from '../topology/topology-provisioner.js';
import { AckLoop, type AckLoopOptions } from './ack-loop.js';
import { type Delivery } from './delivery.js';
import { type MessageCount } from '../topology/count-messages.js';
import { MessagePull } from './message-pull.js';
import { type Asked } from './pull-request.js';
import { type PullLimits, PullRoom } from './pull-room.js';

/** Between the openings of two pulls, in milliseconds: at first, and at most. */
const REOPEN_BASE_MS = 250;
const REOPEN_CAP_MS = 5_000;

export interface StreamConsumerOptions extends Omit<AckLoopOptions, 'onRoom'>, PullLimits {
  readonly stream: string;
  readonly durable: string;
  readonly stuckAfterMs: number;
  /** Called when messages are not delivered; the consumer recovers by itself. */
  readonly onTrouble: (trouble: ConsumerTrouble) => void;
}

/**
 * `miscounted`: its counts differ from those of the stream. `recreated`: a new consumer replaces one that delivered
 * nothing or miscounted.
 */
export type ConsumerTroubleKind =
  'pull-lost' | 'reopen-failed' | 'stuck' | 'miscounted' | 'recreated';

/** Why messages are not delivered, and since when, in milliseconds since 1970. */
export interface ConsumerState {
  readonly kind: ConsumerTroubleKind;
  readonly since: number;
  readonly reason: string;
}

export interface ConsumerTrouble {
  readonly stream: string;
  readonly consumer: string;
  readonly kind: ConsumerTroubleKind;
  readonly reason: string;
  readonly error?: unknown;
}

export class StreamConsumer {
  readonly #link: NatsLink;
  readonly #topology: TopologyProvisioner;
  readonly #options: StreamConsumerOptions;
  readonly #loop: AckLoop;
  readonly #room: PullRoom;
  readonly #closing = new AbortController();
  readonly #unobserve: () => void;
  readonly #watch: NodeJS.Timeout;
  #pull: MessagePull | undefined;
  #opening = false;
  /** Pulls opened since the last delivery or connection. */
  #attempts = 0;
  #paused = false;
  #lastProgressAt = performance.now();
  #stuckLooks = 0;
  #looking = false;
  /** The oldest message when the consumer's count was found wrong. */
  #miscountedAt: number | undefined;
  #trouble: ConsumerState | undefined;

  constructor(link: NatsLink, topology: TopologyProvisioner, options: StreamConsumerOptions) {
    this.#link = link;
    this.#topology = topology;
    this.#options = options;
    this.#loop = new AckLoop({ ...options, onRoom: this.#refill });
    this.#room = new PullRoom(options);
    this.#unobserve = link.onChange(({ available }) => {
      this.#attempts = 0;
      if (available) this.#reopen();
      else this.#abandonPull();
    });
    this.#watch = setInterval(() => void this.#look(), options.stuckAfterMs / 2).unref();
    if (link.available) this.#reopen();
  }

  /** Why messages are not delivered; undefined while they are, or none wait. */
  get trouble(): ConsumerState | undefined {
    return this.#link.available && !this.#paused ? this.#trouble : undefined;
  }

  /**
   * Takes no new messages until `resume`, not even those it has asked for: a message that is given back can come many
   * times before such a request is used up. Messages on their way at this moment are still taken: one that a handler
   * gives back comes again sooner than one that is not answered.
   */
  pause(): void {
    this.#paused = true;
    const pull = this.#pull;
    this.#pull = undefined;
    pull?.drain().catch(() => {
      pull.abandon();
    });
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#reopen();
  }

  /** Asks for no more, ends what is in flight within `withinMs`, and gives the rest back. */
  async close(withinMs: number): Promise<void> {
    this.#closing.abort();
    this.#unobserve();
    clearInterval(this.#watch);
    const deadline = performance.now() + withinMs;
    if (this.#link.available) {
      // If the server goes meanwhile, it redelivers what was on its way, to another process.
      const drained = this.#pull?.drain().catch(() => undefined);
      await Promise.race([drained, delay(withinMs, undefined, { ref: false })]);
    }
    this.#abandonPull();
    await this.#loop.finish(deadline - performance.now());
  }

  readonly #onDelivery = (delivery: Delivery): void => {
    this.#lastProgressAt = performance.now();
    this.#room.delivered();
    this.#stuckLooks = 0;
    this.#trouble = undefined;
    this.#attempts = 0;
    if (this.#closing.signal.aborted) delivery.nak(0);
    else void this.#loop.take(delivery);
  };

  /** Asks for as much as there is room for. */
  readonly #refill = (): void => {
    const pull = this.#pull;
    if (pull === undefined || this.#closing.signal.aborted) return;
    for (let asked = this.#nextOf(pull); asked; asked = this.#nextOf(pull)) pull.request(asked);
  };

  #nextOf({ requested, requestedBytes }: MessagePull): Asked | undefined {
    const { places, inFlightBytes: bytes } = this.#loop;
    return this.#room.next({ places, bytes, requested, requestedBytes });
  }

  get #mayPull(): boolean {
    return this.#link.available && !this.#paused && !this.#closing.signal.aborted;
  }

  #reopen(): void {
    this.#abandonPull();
    if (!this.#opening && !this.#closing.signal.aborted) void this.#open();
  }

  #abandonPull(): void {
    this.#pull?.abandon();
    this.#pull = undefined;
  }

  async #open(): Promise<void> {
    this.#opening = true;
    const { signal } = this.#closing;
    while (this.#pull === undefined && this.#mayPull) {
      const waitMs = this.#attempts === 0 ? 0 : REOPEN_BASE_MS * 2 ** (this.#attempts - 1);
      this.#attempts += 1;
      try {
        await delay(Math.min(waitMs, REOPEN_CAP_MS), undefined, { signal });
        await this.#topology.reconcile();
        this.#openPull();
      } catch (error) {
        if (!this.#closing.signal.aborted) this.#report('reopen-failed', 'no pull is open', error);
      }
    }
    this.#opening = false;
  }

  #openPull(): void {
    if (!this.#mayPull) return;
    const { stream, durable } = this.#options;
    this.#lastProgressAt = performance.now();
    if (this.#trouble?.kind === 'reopen-failed') this.#trouble = undefined;
    this.#pull = new MessagePull(this.#link.connection, {
      stream,
      durable,
      onDelivery: this.#onDelivery,
      onRoom: this.#refill,
      onTooLarge: (bytes) => {
        this.#room.tooLarge(bytes);
        this.#refill();
      },
      onLost: (reason) => {
        this.#report('pull-lost', reason);
        this.#reopen();
      },
    });
    this.#refill();
  }

  /** Configuration first: an operator's filter or pause explains what the counts only show. */
  async #look(): Promise<void> {
    if (this.#looking || this.#pull === undefined || !this.#mayPull) return;
    this.#looking = true;
    const { stream, durable } = this.#options;
    const before = this.#lastProgressAt;
    try {
      await this.#topology.reconcile();
      const count = await this.#topology.countMessages(stream, durable);
      if (await this.#isMiscounted(count)) return;
      await this.#checkStuck(count, before);
    } catch (error) {
      this.#report('stuck', 'the consumer could not be looked at', error);
    } finally {
      this.#looking = false;
    }
  }

  /** A miscount is acted on when two looks find it, with the same oldest message. */
  async #isMiscounted({ wrongBy, oldest }: MessageCount): Promise<boolean> {
    if (wrongBy === 0) {
      this.#miscountedAt = undefined;
      return false;
    }
    const isSecond = this.#miscountedAt === oldest;
    this.#miscountedAt = oldest;
    if (!isSecond) return true;
    this.#miscountedAt = undefined;
    this.#report('miscounted', `the consumer's count is wrong by ${wrongBy} messages`);
    await this.#recreate();
    return true;
  }

  async #checkStuck({ waiting }: MessageCount, before: number): Promise<void> {
    const isQuiet = performance.now() - before >= this.#options.stuckAfterMs;
    if (waiting === 0 || this.#lastProgressAt !== before || !isQuiet) {
      if (waiting === 0 || !isQuiet) this.#trouble = undefined;
      return;
    }
    // Nothing was asked for, because enough is in flight.
    if (this.#pull?.requested === 0) return;
    this.#report('stuck', `${waiting} messages wait and none is delivered`);
    if (this.#stuckLooks++ > 0) await this.#recreate();
    else this.#reopen();
  }

  async #recreate(): Promise<void> {
    const { stream, durable } = this.#options;
    await this.#topology.recreateConsumer(stream, durable);
    this.#report('recreated', 'the consumer was made anew');
    this.#reopen();
  }

  #troubleOf(kind: ConsumerTroubleKind, reason: string, error: unknown): ConsumerState {
    const { stream, durable } = this.#options;
    const cause = error instanceof Error ? `: ${error.message}` : '';
    const since = this.#trouble?.since ?? Date.now();
    return { kind, since, reason: `consumer ${stream}/${durable}: ${reason}${cause}` };
  }

  #report(kind: ConsumerTrouble['kind'], reason: string, error?: unknown): void {
    const { stream, durable, onTrouble } = this.#options;
    if (kind === 'recreated') this.#trouble = undefined;
    // A lost pull is opened again at once; only a failure of that is reported.
    else if (kind !== 'pull-lost') this.#trouble = this.#troubleOf(kind, reason, error);
    const trouble = { stream, consumer: durable, kind, reason };
    onTrouble(error === undefined ? trouble : { ...trouble, error });
  }
}
