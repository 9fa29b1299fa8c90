/** Fields whose values never reach a log, at the top of a line or one level below. */
const SECRET_FIELDS = [
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
  'rawBody',
  'secret',
  'sharedSecret',
  'signature',
  'token',
  'tokens',
];

/** A safety net under the rule that nobody logs secrets; pino's `redact` option. */
export const REDACTION = {
  paths: SECRET_FIELDS.flatMap((field) => [field, `*.${field}`]),
  censor: '[redacted]',
};
