import { type LogFields } from './log.js';

/** Fields whose values never reach a log, at the top of a line or one level below. */
const SECRET_FIELDS: ReadonlySet<string> = new Set([
  'access_token',
  'accessToken',
  'adminToken',
  'apiKey',
  'authorization',
  'Authorization',
  'body',
  'cookie',
  'credentials',
  'data',
  'password',
  'payload',
  'query',
  'rawBody',
  'request',
  'secret',
  'sharedSecret',
  'signature',
  'token',
  'tokens',
]);

const CENSORED = '[redacted]';

/**
 * Redacts secrets in the fields of a line, although no code should log any. pino's own `redact` does the same, but for
 * two levels it takes ten times as long as the rest of a line. The error in `err` is not changed here: the serializer
 * of errors redacts it with `censored`.
 */
export function withoutSecrets(fields: LogFields): LogFields {
  const shown: Record<string, unknown> = {};
  for (const name of Object.keys(fields)) {
    const value = fields[name];
    if (SECRET_FIELDS.has(name)) shown[name] = CENSORED;
    else shown[name] = name === 'err' ? value : censored(value);
  }
  return shown;
}

/** The value itself, or, if it is an object with secret members, a copy in which they are redacted. */
export function censored(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const secrets = Object.keys(value).filter((name) => SECRET_FIELDS.has(name));
  if (secrets.length === 0) return value;
  return { ...value, ...Object.fromEntries(secrets.map((name) => [name, CENSORED])) };
}
