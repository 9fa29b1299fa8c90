import { type WebhookRequest } from '@app/events';
import { asciiJson } from '@app/json';
import { type JsonObject } from '@app/json';
import { type FastifyRequest } from 'fastify';
import { QueryInvalidError } from '../errors.js';
import { isPassedHeader } from './passed-headers.js';

type Query = Readonly<Record<string, string | string[]>>;

/** Parameters of the query that are for the listener. */
const OURS: ReadonlySet<string> = new Set([
  'ref',
  'workflowId',
  'workflow',
  'access_token',
  'type',
]);

/**
 * What becomes the parameters `query` and `headers` of a webhook's run.
 *
 * @param bytesMax of both, as JSON in ASCII: so they are handed to executors in a header. The query
 *   comes first; of the headers those that have room, in the order they came.
 *   0 passes neither of them on.
 * @throws QueryInvalidError when the query has no room
 */
export function webhookRequest(
  request: FastifyRequest,
  bytesMax: number,
): WebhookRequest | undefined {
  if (bytesMax === 0) return undefined;
  const query = queryOf(request.query as Query);
  const bytes = asciiJson(query).length;
  if (bytes > bytesMax && Object.keys(query).length > 0) {
    const detail = `takes ${bytes} bytes as JSON, and at most ${bytesMax} (WEBHOOK_REQUEST_BYTES_MAX) are taken`;
    throw new QueryInvalidError('', detail);
  }
  return { query, headers: headersOf(request.headers, bytesMax - bytes) };
}

function queryOf(sent: Query): JsonObject {
  if (Object.hasOwn(sent, '__proto__')) throw new QueryInvalidError('__proto__', 'is no name');
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
