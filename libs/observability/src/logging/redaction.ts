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
 * A safety net under the rule that nobody logs secrets. pino's own `redact` catches the same and
 * takes ten times as long as all the rest of a line, because of the level below. The error in `err`
 * is left as it is: it has to be serialized first, and then goes through `censored` as well.
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

/** The value itself, unless it is an object that has a secret. */
export function censored(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const secrets = Object.keys(value).filter((name) => SECRET_FIELDS.has(name));
  if (secrets.length === 0) return value;
  return { ...value, ...Object.fromEntries(secrets.map((name) => [name, CENSORED])) };
}
