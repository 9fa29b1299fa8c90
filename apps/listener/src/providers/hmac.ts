import {
  header,
  hmac,
  type HmacAlgorithm,
  isDigest,
  isInTime,
  type SignatureEncoding,
} from './signature.js';
import { providerEvent } from './provider-event.js';
import { type SignatureOptions, type WebhookProvider } from './webhook-provider.js';

const ALGORITHMS: ReadonlyMap<string, HmacAlgorithm> = new Map([
  ['sha1', 'sha1'],
  ['sha256', 'sha256'],
  ['sha512', 'sha512'],
]);
const ENCODINGS: ReadonlyMap<string, SignatureEncoding> = new Map([
  ['hex', 'hex'],
  ['base64', 'base64'],
]);

/**
 * Any sender that signs its body with an HMAC. The options of the secret say how: `header`,
 * `algorithm`, `encoding`, `prefix`, `timestampHeader` (then `<timestamp>.<body>` is signed), `idHeader`.
 */
export const HMAC: WebhookProvider = {
  name: 'hmac',
  trigger: 'webhook',
  matches: () => false,
  // Which header has the signature only the workflow says, and a stranger is not to learn of that.
  isSigned: () => true,
  verify: ({ bytes, headers, secret, now, ageMsMax }) => {
    const { prefix = '', timestampHeader } = secret.options;
    const algorithm = ALGORITHMS.get(secret.options['algorithm'] ?? 'sha256') ?? 'sha256';
    const encoding = ENCODINGS.get(secret.options['encoding'] ?? 'hex') ?? 'hex';
    const sent = header(headers, nameIn(secret.options, 'header') ?? 'x-signature') ?? '';
    const time = timestampHeader === undefined ? undefined : timeIn(headers, timestampHeader);
    const signed = time === undefined ? [bytes] : [`${time}.`, bytes];
    const digest = hmac(algorithm, secret.text, signed);
    const isRight =
      sent.startsWith(prefix) && isDigest(digest, [sent.slice(prefix.length)], encoding);
    return isRight && (time === undefined || isInTime(time, now, ageMsMax));
  },
  read: (delivery) => {
    const { headers, options, workflowId } = delivery;
    const id = header(headers, nameIn(options, 'idHeader') ?? 'idempotency-key');
    const source = `/workflows/${workflowId}/webhooks/hmac`;
    const type = 'io.boomerang.eventing.webhook';
    return { kind: 'events', events: [providerEvent(delivery, { id, source, type })] };
  },
};

function nameIn(options: SignatureOptions, name: string): string | undefined {
  return options[name]?.toLowerCase();
}

function timeIn(headers: Parameters<typeof header>[0], name: string): string {
  return header(headers, name.toLowerCase()) ?? '';
}
