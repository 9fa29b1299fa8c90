import { setTimeout as delay } from 'node:timers/promises';
import { type Call, type Reply, type TargetServer } from '../support/target-server.js';
import { type Dice } from './dice.js';

/**
 * The path of a task whose first call is refused, whatever its key, and every later one is carried out:
 * who goes on under a new key, while another repeats the old one, has it carried out twice.
 */
export const REFUSES_FIRST = '/refuses-first';
/** Where what was sent is sent back. */
export const ECHOES = '/echoes';
/** Where access tokens are given, by OAuth 2.0. */
export const GIVES_TOKENS = '/token';
export const ACCESS_TOKEN = 'access-token-of-chaos';

/** What calls of one idempotency key did at the target. */
export interface SideEffect {
  readonly calls: number;
  /** Whether at least one answer said that the call was carried out. */
  readonly done: boolean;
}

/** The side effects of tasks, counted at the target by idempotency key. */
export class SideEffects {
  readonly #byKey = new Map<string, SideEffect>();
  /** The tasks whose first call was refused, as `<activity>:<task>`. */
  readonly #refused = new Set<string>();

  constructor(
    target: TargetServer,
    private readonly dice: Dice,
  ) {
    target.replyWith((call) => this.#reply(call));
  }

  get byKey(): ReadonlyMap<string, SideEffect> {
    return this.#byKey;
  }

  /** Takes its time now and then, so that a call is under way when something dies. */
  async #reply({ path, body, idempotencyKey: key = 'none' }: Call): Promise<Reply> {
    const task = key.slice(0, key.lastIndexOf(':'));
    const refused = path === REFUSES_FIRST && !this.#refused.has(task);
    if (refused) this.#refused.add(task);
    const { calls, done } = this.#byKey.get(key) ?? { calls: 0, done: false };
    this.#byKey.set(key, { calls: calls + 1, done: done || !refused });
    await delay(this.dice.chance(0.1) ? this.dice.below(800) : this.dice.below(20));
    if (path === GIVES_TOKENS)
      return { status: 200, body: { access_token: ACCESS_TOKEN, token_type: 'Bearer' } };
    if (path === ECHOES) return { status: 200, body: { said: body } };
    return refused ? { status: 503 } : { status: 200, body: { ok: true } };
  }
}
