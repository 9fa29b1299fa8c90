import { type Headers } from '@app/events';
import { mac, NOW_S } from './testing/samples.js';
import { type SignatureOptions } from './webhook-provider.js';
import { providerNamed, providerSigning } from './webhook-providers.js';

const BODY = '{"a":1}';
const KEY = Buffer.from('a key of twenty-four byte');
const WHSEC = `whsec_${KEY.toString('base64')}`;
const standard = (id: string): string => `v1,${mac(KEY, `${id}.${NOW_S}.${BODY}`, 'base64')}`;

interface Sent {
  readonly provider: string;
  readonly secret: string;
  readonly headers: Headers;
  readonly body?: string;
  readonly options?: SignatureOptions;
}

function isRight({ provider, secret, headers, body = BODY, options = {} }: Sent): boolean {
  return (
    providerNamed(provider)?.verify?.({
      bytes: Buffer.from(body),
      headers,
      secret: { text: secret, options },
      now: NOW_S * 1_000,
      ageMsMax: 300_000,
    }) ?? false
  );
}

/** Signatures as their senders document them, or as users of other receivers reported them; see the links. */
const TAKEN: readonly (readonly [string, Sent])[] = [
  [
    // https://developer.pagerduty.com/docs/verifying-webhook-signatures
    'one of several signatures with a prefix each (PagerDuty, Gr4vy)',
    {
      provider: 'hmac',
      secret: 's',
      options: { header: 'X-PagerDuty-Signature', prefix: 'v1=' },
      headers: {
        'x-pagerduty-signature': `v1=${mac('old', BODY, 'hex')},v1=${mac('s', BODY, 'hex')}`,
      },
    },
  ],
  [
    'the second of two after a comma and a blank',
    {
      provider: 'hmac',
      secret: 's',
      headers: { 'x-signature': `${mac('old', BODY, 'hex')}, ${mac('s', BODY, 'hex')}` },
    },
  ],
  [
    // https://grafana.com/docs/grafana/latest/alerting/configure-notifications/manage-contact-points/integrations/webhook-notifier
    'a time before a colon (Grafana)',
    {
      provider: 'hmac',
      secret: 's',
      options: {
        header: 'X-Grafana-Alerting-Signature',
        timestampHeader: 'X-Grafana-Time',
        signedText: '{timestamp}:{body}',
      },
      headers: {
        'x-grafana-time': `${NOW_S}`,
        'x-grafana-alerting-signature': mac('s', `${NOW_S}:${BODY}`, 'hex'),
      },
    },
  ],
  [
    // https://developers.zoom.us/docs/api/webhooks
    'a version before the time (Zoom)',
    {
      provider: 'hmac',
      secret: 's',
      options: {
        header: 'x-zm-signature',
        prefix: 'v0=',
        timestampHeader: 'x-zm-request-timestamp',
        signedText: 'v0:{timestamp}:{body}',
      },
      headers: {
        'x-zm-request-timestamp': `${NOW_S}`,
        'x-zm-signature': `v0=${mac('s', `v0:${NOW_S}:${BODY}`, 'hex')}`,
      },
    },
  ],
  [
    'a time in milliseconds',
    {
      provider: 'hmac',
      secret: 's',
      options: { timestampHeader: 'X-Time' },
      headers: { 'x-time': `${NOW_S}123`, 'x-signature': mac('s', `${NOW_S}123.${BODY}`, 'hex') },
    },
  ],
  [
    'hex in capitals',
    {
      provider: 'hmac',
      secret: 's',
      headers: { 'x-signature': mac('s', BODY, 'hex').toUpperCase() },
    },
  ],
  [
    // https://github.com/svix/svix-docs/pull/330
    'Standard Webhooks under the names of Svix',
    {
      provider: 'standard-webhooks',
      secret: WHSEC,
      headers: {
        'svix-id': 'm1',
        'svix-timestamp': `${NOW_S}`,
        'svix-signature': `v1,c29tZQ== ${standard('m1')}`,
      },
    },
  ],
  [
    // https://gitlab.com/gitlab-org/gitlab/-/merge_requests/230944
    'the signing token of GitLab',
    {
      provider: 'gitlab',
      secret: WHSEC,
      headers: {
        'x-gitlab-event': 'Push Hook',
        'webhook-id': 'm1',
        'webhook-timestamp': `${NOW_S}`,
        'webhook-signature': standard('m1'),
      },
    },
  ],
  [
    'the secret token of GitLab beside a signing token that is not ours',
    {
      provider: 'gitlab',
      secret: 'the secret token',
      headers: { 'x-gitlab-token': 'the secret token', 'webhook-signature': 'v1,c29tZQ==' },
    },
  ],
  [
    // https://docs.stripe.com/webhooks
    'Stripe with blanks after its commas, and an older scheme beside',
    {
      provider: 'stripe',
      secret: 's',
      headers: {
        'stripe-signature': `t=${NOW_S}, v1=${mac('s', `${NOW_S}.${BODY}`, 'hex')}, v0=1`,
      },
    },
  ],
  [
    // https://github.com/sendgrid/sendgrid-csharp/issues/1018
    'a line break at the end of the body, which is signed',
    {
      provider: 'github',
      secret: 's',
      body: `${BODY}\r\n`,
      headers: { 'x-hub-signature-256': `sha256=${mac('s', `${BODY}\r\n`, 'hex')}` },
    },
  ],
  [
    // https://github.com/PagerDuty/developer-docs/pull/101
    'characters beyond ASCII, as the bytes they are in UTF-8',
    {
      provider: 'github',
      secret: 'schlüssel',
      body: '{"a":"\u2028💥ü"}',
      headers: { 'x-hub-signature-256': `sha256=${mac('schlüssel', '{"a":"\u2028💥ü"}', 'hex')}` },
    },
  ],
];

describe('a signature as senders make it', () => {
  it.each(TAKEN)('is right: %s', (_what, sent) => {
    expect(isRight(sent)).toBe(true);
    expect(isRight({ ...sent, secret: 'whsec_b3RoZXI=' })).toBe(false);
    expect(isRight({ ...sent, body: `${sent.body ?? BODY} ` })).toBe(
      sent.headers['x-gitlab-token'] !== undefined,
    );
  });

  it.each<readonly [string, Sent]>([
    [
      // https://github.com/novuhq/novu/pull/11829: a request without the headers must not skip the check.
      'none at all',
      { provider: 'github', secret: 's', headers: {} },
    ],
    [
      'one of SHA-1, as old GitHub Enterprise and Gitea send it alone',
      {
        provider: 'github',
        secret: 's',
        headers: { 'x-hub-signature': `sha1=${mac('s', BODY, 'hex', 'sha1')}` },
      },
    ],
    [
      'one that something on the way has sent twice',
      {
        provider: 'github',
        secret: 's',
        headers: {
          'x-hub-signature-256': [1, 2].map(() => `sha256=${mac('s', BODY, 'hex')}`).join(', '),
        },
      },
    ],
    [
      'the version of Stripe that is for tests',
      {
        provider: 'stripe',
        secret: 's',
        headers: { 'stripe-signature': `t=${NOW_S},v0=${mac('s', `${NOW_S}.${BODY}`, 'hex')}` },
      },
    ],
    [
      'more signatures than anybody has secrets',
      {
        provider: 'hmac',
        secret: 's',
        headers: { 'x-signature': `${'0,'.repeat(20)}${mac('s', BODY, 'hex')}` },
      },
    ],
    [
      'that of the empty key, with a secret that is not base64',
      {
        provider: 'standard-webhooks',
        secret: '!!!!!!!!',
        headers: {
          'webhook-id': 'm1',
          'webhook-timestamp': `${NOW_S}`,
          'webhook-signature': `v1,${mac('', `m1.${NOW_S}.${BODY}`, 'base64')}`,
        },
      },
    ],
  ])('is wrong: %s', (_what, sent) => {
    expect(isRight(sent)).toBe(false);
  });

  it('of GitLab and of Svix tells whose a request is', () => {
    const gitlab = { 'x-gitlab-event': 'Push Hook', 'webhook-signature': 'v1,a' };

    expect(providerSigning(gitlab)?.name).toBe('gitlab');
    expect(providerSigning({ 'svix-signature': 'v1,a' })?.name).toBe('standard-webhooks');
  });
});
