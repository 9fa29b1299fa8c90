import { type WebhookRequest } from '@app/events';
import { asciiJson } from '@app/json';
import { type JsonObject } from '@app/json';
import { type FastifyRequest } from 'fastify';
import { QueryInvalidError } from '../errors.js';
import { isPassedHeader } from './passed-headers.js';

type Query = Readonly<Record<string, string | string[]>>;

/** Query parameters that the listener itself uses. */
const OURS: ReadonlySet<string> = new Set([
  'ref',
  'workflowId',
  'workflow',
  'access_token',
  'type',
]);

/**
 * The parameters `query` and `headers` of a webhook's run.
 *
 * @param bytesMax the most bytes of both, as JSON in ASCII, which is how a message header carries them to executors.
 *   The query comes first. Headers follow in their order, as far as there is room. 0 passes on neither.
 * @throws QueryInvalidError if there is no room for the query
 */
export function webhookRequest(
  request: FastifyRequest,
  bytesMax: number,
): WebhookRequest | undefined {
  if (bytesMax === 0) return undefined;
  const query = queryOf(request.query as Query);
  const bytes = asciiJson(query).length;
  if (bytes > bytesMax && Object.keys(query).length > 0) {
    const detail = `has ${bytes} bytes as JSON, and at most ${bytesMax} are accepted (WEBHOOK_REQUEST_BYTES_MAX)`;
    throw new QueryInvalidError('', detail);
  }
  return { query, headers: headersOf(request.headers, bytesMax - bytes) };
}

function queryOf(sent: Query): JsonObject {
  if (Object.hasOwn(sent, '__proto__'))
    throw new QueryInvalidError('__proto__', 'is not permitted as a name');
  return Object.fromEntries(Object.entries(sent).filter(([name]) => !OURS.has(name)));
}

function headersOf(sent: FastifyRequest['headers'], bytesMax: number): JsonObject {
  const named = new Set(
    (sent.connection ?? '')
      .toLowerCase()
      .split(',')
      .map((name) => name.trim()),
  );
  const headers: Record<string, string> = {};
  let left = bytesMax - 2;
  for (const [name, value] of Object.entries(sent)) {
    if (typeof value !== 'string' || named.has(name) || !isPassedHeader(name)) continue;
    left -= asciiJson({ [name]: value }).length - 1;
    if (left < 0) break;
    headers[name] = value;
  }
  return headers;
}
