import { type AddressGuard } from './connecting/address-guard.js';
import { type Connections } from './connecting/connections.js';
import { type FailedCall, outcomeOfError } from './broken-call.js';
import { USER_AGENT } from './first-request.js';
import { exchange } from './http-exchange.js';

/**
 * Posts JSON, and uses only the status of the answer. The address guard of tasks applies. Redirects are not followed.
 */
export async function postJson(
  url: URL,
  json: string,
  abort: AbortSignal,
  by: {
    readonly guard: AddressGuard;
    readonly connections: Connections;
    readonly connectTimeoutMs: number;
  },
): Promise<{ readonly kind: 'answered'; readonly status: number } | FailedCall> {
  const { guard, connections, connectTimeoutMs } = by;
  const headers = new Map([
    ['user-agent', [USER_AGENT]],
    ['content-type', ['application/json']],
  ]);
  try {
    guard.checkHost(url.hostname);
    const request = { url, method: 'POST', headers, body: Buffer.from(json) };
    const options = { connections, lookup: guard.lookup, connectTimeoutMs, mayReuse: false, abort };
    const response = await exchange(request, options);
    response.destroy();
    return { kind: 'answered', status: response.statusCode ?? 0 };
  } catch (error) {
    return outcomeOfError(error, url.origin, abort);
  }
}
