import { IfGiven } from '@app/http';
import { IsIn, IsString, Length, ValidateBy } from 'class-validator';
import { LivesUntil, Visible } from '../workflows/token-body.js';

/** The providers that may sign with the secret, named as in the listener (docs/providers.md). */
export const SIGNING_PROVIDERS = [
  'github',
  'gitlab',
  'bitbucket',
  'slack',
  'stripe',
  'shopify',
  'standard-webhooks',
  'hmac',
] as const;

/** The settings of `hmac`. Each is a text: one of those listed, or any of 1 to 64 characters. */
const OPTIONS: Readonly<Record<string, readonly string[] | RegExp>> = {
  header: /^[A-Za-z0-9-]{1,64}$/,
  algorithm: ['sha1', 'sha256', 'sha512'],
  encoding: ['hex', 'base64'],
  prefix: /^[!-~]{1,64}$/,
  timestampHeader: /^[A-Za-z0-9-]{1,64}$/,
  idHeader: /^[A-Za-z0-9-]{1,64}$/,
  signedText: /^[!-z|]{0,16}\{timestamp\}[!-z|]{1,16}\{body\}$/,
};

const STANDARD_SECRET = /^(?:whsec_)?[A-Za-z0-9+/]{8,}={0,2}$/;

export class SecretBody {
  /** The person or service that signs with the secret. */
  @IsString()
  @Length(1, 100)
  @Visible()
  readonly label!: string;

  @IsIn(SIGNING_PROVIDERS)
  readonly provider!: (typeof SIGNING_PROVIDERS)[number];

  /** A secret that the sender's service generated; without it, the executor generates one. */
  @IfGiven()
  @IsString()
  @Length(8, 512)
  @ValidateBy(
    { name: 'secret', validator: { validate: isSecret } },
    {
      message:
        'must not begin or end with white space (a line break that was copied with it, perhaps), ' +
        'and is base64 with or without whsec_ for "standard-webhooks"',
    },
  )
  readonly secret?: string;

  /** The settings of the provider `hmac`; no other provider has any. */
  @IfGiven()
  @ValidateBy(
    { name: 'options', validator: { validate: areOptions } },
    {
      message:
        'is only for the provider "hmac": an object of header, timestampHeader and idHeader (names of headers), ' +
        'algorithm (sha1, sha256, sha512), encoding (hex, base64), prefix and signedText',
    },
  )
  readonly options?: Readonly<Record<string, string>>;

  /** ISO 8601, in the future; without it the secret does not expire. */
  @LivesUntil()
  readonly expiresAt?: string;
}

function isSecret(value: unknown, context?: { readonly object: object }): boolean {
  if (typeof value !== 'string' || value.trim() !== value) return false;
  const { provider } = (context?.object as SecretBody | undefined) ?? {};
  return provider !== 'standard-webhooks' || STANDARD_SECRET.test(value);
}

function areOptions(value: unknown, context?: { readonly object: object }): boolean {
  const isOfHmac = (context?.object as SecretBody | undefined)?.provider === 'hmac';
  if (!isOfHmac || typeof value !== 'object' || value === null || Array.isArray(value))
    return false;
  return Object.entries(value).every(([name, text]) => {
    const known = Object.hasOwn(OPTIONS, name) ? OPTIONS[name] : undefined;
    if (known === undefined || typeof text !== 'string') return false;
    return known instanceof RegExp ? known.test(text) : known.includes(text);
  });
}
