import { type Dispatch, encodeDispatch, type Message } from '@app/events';
import { signRequest, type SigningKeys } from '@app/signing';
import { type Dispatcher as UndiciDispatcher, Pool } from 'undici';
import { setTimeout as delay } from 'node:timers/promises';
import { Dispatcher } from '../dispatcher.js';
import { DispatchFailedError } from '../errors.js';
import { InFlightBudget, type InFlightLimits } from './in-flight-budget.js';

/** How long closing waits for the executor's answers, in milliseconds. */
const CLOSE_MS_MAX = 1_000;

export interface HttpDispatcherOptions extends InFlightLimits {
  /** The base URL of the executors; a path in it is put before the paths below. */
  readonly executorUrl: string;
  /** Sign each request, and each dispatch in one. */
  readonly keys: SigningKeys;
  readonly connectionsMax: number;
  /** For the connection, and again for the answer; in milliseconds. */
  readonly timeoutMs: number;
}

/** Dispatches with a request to an executor. The answer means that the executor has the message in memory. */
export class HttpDispatcher extends Dispatcher {
  override readonly transport = 'http';
  override readonly available = true;

  readonly #options: HttpDispatcherOptions;
  readonly #pool: Pool;
  readonly #basePath: string;
  readonly #budget: InFlightBudget;

  constructor(options: HttpDispatcherOptions) {
    super();
    const { origin, pathname } = new URL(options.executorUrl);
    this.#options = options;
    this.#budget = new InFlightBudget('http', options);
    this.#basePath = pathname.replace(/\/$/, '');
    this.#pool = new Pool(origin, {
      connections: options.connectionsMax,
      pipelining: 1,
      connect: { timeout: options.timeoutMs },
      headersTimeout: options.timeoutMs,
      bodyTimeout: options.timeoutMs,
    });
  }

  override async dispatch(dispatch: Dispatch): Promise<void> {
    const message = encodeDispatch(dispatch, this.#options.keys);
    await this.#put('/internal/workflow/event', message);
  }

  override async notify(activityId: string): Promise<void> {
    // eslint-disable-next-line no-restricted-globals -- An id of ours is a hash in hexadecimal.
    await this.#put(`/internal/activity/${encodeURIComponent(activityId)}/wake`);
  }

  /** Waits for the requests in flight, for `CLOSE_MS_MAX` at most; their events are on record. */
  async close(): Promise<void> {
    const late = delay(CLOSE_MS_MAX, undefined, { ref: false });
    await Promise.race([this.#pool.close().catch(() => undefined), late]);
    await this.#pool.destroy();
  }

  async #put(path: string, message?: Message): Promise<void> {
    const { keys } = this.#options;
    const bytes = message?.payload.length ?? 0;
    this.#budget.take(bytes);
    try {
      // A proxy removes the base path, so it is not signed.
      const signature = signRequest(
        keys,
        { method: 'PUT', path, body: message?.payload },
        Date.now(),
      );
      const status = await this.#request({
        method: 'PUT',
        path: this.#basePath + path,
        headers: { ...message?.headers, ...signature },
        body: message?.payload ?? null,
      });
      if (status < 200 || status > 299) {
        throw new DispatchFailedError('http', `the executor answered ${status}`);
      }
    } finally {
      this.#budget.give(bytes);
    }
  }

  async #request(request: UndiciDispatcher.DispatchOptions): Promise<number> {
    try {
      const { statusCode, body } = await this.#pool.request(request);
      await body.dump();
      return statusCode;
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new DispatchFailedError('http', reason, { cause });
    }
  }
}
