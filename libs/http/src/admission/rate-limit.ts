import { InFlightMap } from '@app/collections';

export interface RateLimitOptions {
  /** Requests per second in the long run: the rate at which a bucket fills. */
  readonly perSecond: number;
  /** Requests at once after a pause: the size of a bucket. */
  readonly burst: number;
}

interface Bucket {
  tokens: number;
  filledAt: number;
}

export interface RateAnswer {
  /** 0 if the request may pass; else the whole seconds until the next may. */
  readonly waitSeconds: number;
  readonly remaining: number;
  /** Seconds until the bucket is full. */
  readonly resetSeconds: number;
}

/** Buckets that are kept. A further key replaces the oldest bucket, whose key then starts with a full one. */
const KEYS_MAX = 10_000;

/** A token bucket for each key: the network of an address, or a token. */
export class RateLimit {
  readonly #buckets = new InFlightMap<string, Bucket>();

  constructor(
    private readonly options: RateLimitOptions,
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  /** Takes a token. Returns 0 if there was one, else the whole seconds until there will be. */
  take(key: string): number {
    return this.ask(key).waitSeconds;
  }

  /** Takes a token, if there is one, and returns the state of the bucket. */
  ask(key: string): RateAnswer {
    const { perSecond, burst } = this.options;
    const bucket = this.#filled(key);
    const has = bucket.tokens >= 1;
    if (has) bucket.tokens -= 1;
    const waitSeconds = has ? 0 : Math.max(1, Math.ceil((1 - bucket.tokens) / perSecond));
    const resetSeconds = Math.ceil((burst - bucket.tokens) / perSecond);
    return { waitSeconds, remaining: Math.floor(bucket.tokens), resetSeconds };
  }

  #filled(key: string): Bucket {
    const { perSecond, burst } = this.options;
    const now = this.nowMs();
    const bucket = this.#buckets.get(key);
    if (bucket === undefined) return this.#add(key, { tokens: burst, filledAt: now });
    const gained = (Math.max(0, now - bucket.filledAt) / 1000) * perSecond;
    bucket.tokens = Math.min(burst, bucket.tokens + gained);
    bucket.filledAt = now;
    return bucket;
  }

  #add(key: string, bucket: Bucket): Bucket {
    if (this.#buckets.size >= KEYS_MAX) {
      const oldest = this.#buckets.keys().next();
      if (oldest.done !== true) this.#buckets.delete(oldest.value);
    }
    this.#buckets.set(key, bucket);
    return bucket;
  }
}

const MAPPED_IPV4 = '::ffff:';

/**
 * The key of a sender: an IPv4 address, or the /64 network of an IPv6 address, because a single customer is given
 * 2^64 addresses.
 */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address;
  if (address.startsWith(MAPPED_IPV4) && address.includes('.')) {
    return address.slice(MAPPED_IPV4.length);
  }
  const [head = '', tail] = address.split('::', 2);
  const first = head === '' ? [] : head.split(':');
  const last = tail === undefined || tail === '' ? [] : tail.split(':');
  const gap = tail === undefined ? 0 : Math.max(0, 8 - first.length - last.length);
  const groups = [...first, ...Array.from({ length: gap }, () => '0'), ...last];
  return groups.slice(0, 4).join(':');
}
