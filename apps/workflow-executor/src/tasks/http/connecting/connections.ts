import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';

/** How long a connection that nobody uses is kept, in milliseconds; less where the target says so. */
const IDLE_MS = 4_000;

/** RFC 9110, section 9.2.2: to do it twice is to do it once. */
const IDEMPOTENT: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']);

export function isIdempotent(method: string): boolean {
  return IDEMPOTENT.has(method);
}

/**
 * The connections of `http` tasks. A kept one may be closed by the target at the very moment of the
 * next request, and then nobody knows whether that one was carried out. So only requests that may go
 * twice use kept connections; each of the others has one of its own.
 */
export class Connections {
  readonly #agents;

  /** @param ca certificates to trust instead of those that Node trusts, as PEM */
  constructor(ca?: string) {
    const kept = { keepAlive: true, timeout: IDLE_MS, scheduling: 'lifo' } as const;
    const trust = ca === undefined ? {} : { ca };
    this.#agents = {
      kept: { 'http:': new HttpAgent(kept), 'https:': new HttpsAgent({ ...kept, ...trust }) },
      single: { 'http:': new HttpAgent(), 'https:': new HttpsAgent(trust) },
    };
  }

  for(protocol: 'http:' | 'https:', use: 'kept' | 'single'): HttpAgent {
    return this.#agents[use][protocol];
  }

  /** Closes them all, those in use as well. */
  close(): void {
    for (const agents of Object.values(this.#agents)) {
      for (const agent of Object.values(agents)) agent.destroy();
    }
  }
}
