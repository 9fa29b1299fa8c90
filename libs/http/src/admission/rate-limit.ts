import { networkOf } from './network-of.js';

export interface RateLimitOptions {
  /** Requests that an address may send each second in the long run. */
  readonly perSecond: number;
  /** Requests that it may send at once after a pause. */
  readonly burst: number;
}

interface Bucket {
  tokens: number;
  filledAt: number;
}

/** Beyond this many addresses the one that was seen first is forgotten, which fills its bucket. */
const ADDRESSES_MAX = 10_000;

/** A token bucket for each remote address. */
export class RateLimit {
  readonly #buckets = new Map<string, Bucket>();

  constructor(
    private readonly options: RateLimitOptions,
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  /** Takes a token. 0 if there was one, else the whole seconds until there will be. */
  take(address: string): number {
    const bucket = this.#filled(networkOf(address));
    if (bucket.tokens >= 1) {
      bucket.tokens -= 1;
      return 0;
    }
    return Math.max(1, Math.ceil((1 - bucket.tokens) / this.options.perSecond));
  }

  #filled(network: string): Bucket {
    const { perSecond, burst } = this.options;
    const now = this.nowMs();
    const bucket = this.#buckets.get(network);
    if (bucket === undefined) return this.#add(network, { tokens: burst, filledAt: now });
    const gained = (Math.max(0, now - bucket.filledAt) / 1000) * perSecond;
    bucket.tokens = Math.min(burst, bucket.tokens + gained);
    bucket.filledAt = now;
    return bucket;
  }

  #add(network: string, bucket: Bucket): Bucket {
    if (this.#buckets.size >= ADDRESSES_MAX) {
      const oldest = this.#buckets.keys().next();
      if (oldest.done !== true) this.#buckets.delete(oldest.value);
    }
    this.#buckets.set(network, bucket);
    return bucket;
  }
}
