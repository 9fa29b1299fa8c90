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

/** The text that is signed if there is a timestamp, unless `signedText` gives another. */
const SIGNED_TEXT = '{timestamp}.{body}';
const TIMESTAMP = '{timestamp}';
const BODY = '{body}';
/** Separates the signatures in one header. Senders add a second one while they replace a secret. */
const BETWEEN = /[, ]/;

/**
 * Any sender that signs its body with an HMAC. The options of the secret are `header`, `algorithm`, `encoding`, `prefix`,
 * `timestampHeader` (with it, `signedText` is signed) and `idHeader`. If the header has several signatures, one correct
 * signature is enough.
 */
export const HMAC: WebhookProvider = {
  name: 'hmac',
  trigger: 'webhook',
  matches: () => false,
  // The workflow configures the header of the signature, which an unauthorized sender must not learn.
  isSigned: () => true,
  verify: ({ bytes, headers, secret, now, ageMsMax }) => {
    const { prefix = '', timestampHeader, signedText = SIGNED_TEXT } = secret.options;
    const algorithm = ALGORITHMS.get(secret.options['algorithm'] ?? 'sha256') ?? 'sha256';
    const encoding = ENCODINGS.get(secret.options['encoding'] ?? 'hex') ?? 'hex';
    const sent = header(headers, nameIn(secret.options, 'header') ?? 'x-signature') ?? '';
    const time = timestampHeader === undefined ? undefined : timeIn(headers, timestampHeader);
    const before = signedText.replace(BODY, '').split(TIMESTAMP).join(time);
    const digest = hmac(algorithm, secret.text, time === undefined ? [bytes] : [before, bytes]);
    const isRight = isDigest(digest, signaturesIn(sent, prefix), encoding);
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

/** The candidates for signatures in a header. The whole header is one too, because a prefix may contain a blank. */
function signaturesIn(sent: string, prefix: string): readonly string[] {
  const parts = [sent, ...sent.split(BETWEEN).filter((part) => part !== sent)];
  return parts
    .filter((part) => part.startsWith(prefix))
    .map((part) => part.slice(prefix.length))
    .filter((part) => part !== '');
}

function nameIn(options: SignatureOptions, name: string): string | undefined {
  return options[name]?.toLowerCase();
}

function timeIn(headers: Parameters<typeof header>[0], name: string): string {
  return header(headers, name.toLowerCase()) ?? '';
}
