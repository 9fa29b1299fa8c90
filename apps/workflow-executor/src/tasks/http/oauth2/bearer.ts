import { type IncomingMessage } from 'node:http';
import { type ClientCredentials } from '@app/workflow-engine';
import { maskOf } from '../../secrets/mask.js';
import { type TaskOutcome } from '../../task-handler.js';
import { type HttpRequest } from '../http-exchange.js';
import { type AccessTokens } from './access-tokens.js';

type Send = (request: HttpRequest) => Promise<IncomingMessage>;

/**
 * Adds the access token to the requests of one call, as far as they go to its first origin; a redirect back to it does not
 * restore the token.
 */
export class Bearer {
  readonly #used = new Set<string>();
  #origin: string | undefined;
  #hasLeft = false;
  #mayRenew = true;

  constructor(
    private readonly tokens: AccessTokens,
    private readonly call: {
      readonly workflowId: string;
      readonly credentials: ClientCredentials;
      readonly abort: AbortSignal;
    },
  ) {}

  /**
   * Sends a request with the token. A target that answers 401 to a kept token has not carried out the request, so it is
   * sent once more with a new token; once in a call.
   *
   * @throws TokenRefusedError
   */
  async send(request: HttpRequest, send: Send): Promise<IncomingMessage> {
    this.#origin ??= request.url.origin;
    if (request.url.origin !== this.#origin) this.#hasLeft = true;
    if (this.#hasLeft) return send(request);
    const { text, isKept } = await this.#token();
    const response = await send(withToken(request, text));
    if (response.statusCode !== 401 || !isKept || !this.#mayRenew) return response;
    this.#mayRenew = false;
    response.destroy();
    this.tokens.drop(this.call.workflowId, this.call.credentials, text);
    return send(withToken(request, (await this.#token()).text));
  }

  /** The outcome without the tokens, in case the target sent one back. */
  masked(outcome: TaskOutcome): TaskOutcome {
    return this.#used.size === 0 ? outcome : maskOf(this.#used).outcome(outcome);
  }

  async #token(): ReturnType<AccessTokens['tokenOf']> {
    const { workflowId, credentials, abort } = this.call;
    const token = await this.tokens.tokenOf(workflowId, credentials, abort);
    this.#used.add(token.text);
    return token;
  }
}

function withToken(request: HttpRequest, text: string): HttpRequest {
  return {
    ...request,
    headers: new Map([...request.headers, ['authorization', [`Bearer ${text}`]]]),
  };
}
