import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';

/** How long an idle connection is kept, in milliseconds; shorter if the target says so. */
const IDLE_MS = 4_000;

/** The idempotent methods that tasks may use (RFC 9110, section 9.2.2). */
const IDEMPOTENT: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']);

export function isIdempotent(method: string): boolean {
  return IDEMPOTENT.has(method);
}

/**
 * The connections of `http` tasks. The target may close a kept connection at the moment of the next request, and then it
 * is unknown whether that request was carried out. So only idempotent requests reuse connections; each other request has
 * a connection of its own.
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

  /** Closes all connections, also those in use. */
  close(): void {
    for (const agents of Object.values(this.#agents)) {
      for (const agent of Object.values(agents)) agent.destroy();
    }
  }
}
