import { type FastifyReply, type FastifyRequest } from 'fastify';
import { RateLimitedError } from '../errors.js';
import { type HttpOptions } from '../server/http-options.js';
import { networkOf, RateLimit, type RateLimitOptions } from './rate-limit.js';

interface Policy {
  readonly name: string;
  readonly options: RateLimitOptions;
  readonly limit: RateLimit;
  readonly keyOf: (request: FastifyRequest) => string | undefined;
}

/**
 * The rate limits by address and by caller. Each answer has the state of the limits in the headers `RateLimit-Policy`
 * and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-10).
 */
export class RateGate {
  readonly #policies: readonly Policy[];
  readonly #described: string;

  constructor({ ratePerSecond, rateBurst, callerRate }: HttpOptions) {
    const byAddress = { perSecond: ratePerSecond, burst: rateBurst };
    this.#policies = [
      policy('address', byAddress, ({ ip }) => networkOf(ip)),
      ...(callerRate
        ? [policy('token', { ...callerRate, burst: callerRate.perSecond }, callerRate.keyOf)]
        : []),
    ].filter(({ options }) => options.perSecond > 0);
    this.#described = this.#policies
      .map(({ name, options }) => `"${name}";q=${options.burst};w=${windowOf(options)}`)
      .join(', ');
  }

  /**
   * Takes one request off each limit, up to the first that is exhausted. Sets the headers of the reply.
   * @returns the error of the exhausted limit; undefined if the request may pass
   */
  rejectionOf(request: FastifyRequest, reply: FastifyReply): RateLimitedError | undefined {
    if (this.#policies.length === 0) return undefined;
    const told: string[] = [];
    let rejection: RateLimitedError | undefined;
    for (const { name, limit, keyOf } of this.#policies) {
      const key = keyOf(request);
      if (key === undefined) continue;
      const { waitSeconds, remaining, resetSeconds } = limit.ask(key);
      told.push(`"${name}";r=${remaining};t=${resetSeconds}`);
      if (waitSeconds === 0) continue;
      rejection = new RateLimitedError(waitSeconds, name);
      break;
    }
    void reply.header('RateLimit-Policy', this.#described).header('RateLimit', told.join(', '));
    return rejection;
  }
}

function policy(name: string, options: RateLimitOptions, keyOf: Policy['keyOf']): Policy {
  return { name, options, keyOf, limit: new RateLimit(options) };
}

/** The time in which an exhausted quota is restored, in seconds, at least 1: the parameter `w` of a policy. */
function windowOf({ perSecond, burst }: RateLimitOptions): number {
  return Math.max(1, Math.ceil(burst / perSecond));
}
