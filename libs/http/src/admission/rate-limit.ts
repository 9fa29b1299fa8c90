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

const MAPPED_IPV4 = '::ffff:';

/**
 * What counts as one sender: an IPv4 address, or the /64 network of an IPv6 address, because a
 * single customer is given 2^64 of those.
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
