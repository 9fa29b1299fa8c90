import { createHmac } from 'node:crypto';
import { type Headers, readJsonBody } from '@app/events';
import { readFormBody } from '../ingress/webhooks/form-body.js';
import { type Workflow } from '@app/persistence';
import { HMAC } from './hmac.js';
import { type Delivery, type SignatureOptions, type WebhookProvider } from './webhook-provider.js';
import {
  providerFor,
  providerNamed,
  providerSigning,
  WEBHOOK_PROVIDERS,
} from './webhook-providers.js';

const LIMITS = { nestingMax: 64, membersMax: 10_000, batchEventsMax: 1 };
const NOW_S = 1_700_000_000;
const AGE_S_MAX = 300;

interface Sample {
  readonly provider: string;
  readonly secret: string;
  readonly body: string;
  readonly headers: (signature: string) => Headers;
  readonly signature: string;
  readonly options?: SignatureOptions;
  readonly at?: number;
  readonly data?: object;
  readonly event: { readonly id: string; readonly source: string; readonly type: string };
}

function mac(key: string | Buffer, text: string, encoding: 'hex' | 'base64', algorithm = 'sha256') {
  return createHmac(algorithm, key).update(text).digest(encoding);
}

const PUSH =
  '{"action":"opened","type":"t.made","id":"evt_1","repository":{"html_url":"https://github.com/a/b"}}';
const SLACK_FORM =
  'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&' +
  'channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&' +
  'response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&' +
  'trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c';
const STANDARD_KEY = Buffer.from('a key of standard webhooks');

const SAMPLES: readonly Sample[] = [
  {
    // The example of GitHub's documentation.
    provider: 'github',
    secret: "It's a Secret to Everybody",
    body: 'Hello, World!',
    headers: (signature) => ({
      'x-github-event': 'push',
      'x-github-delivery': 'd1',
      'x-hub-signature-256': signature,
    }),
    signature: 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17',
    event: { id: 'd1', source: 'https://github.com', type: 'com.github.push' },
  },
  {
    provider: 'github',
    secret: 's',
    body: PUSH,
    headers: (signature) => ({
      'x-github-event': 'pull_request',
      'x-github-delivery': 'd1',
      'x-hub-signature-256': signature,
    }),
    signature: `sha256=${mac('s', PUSH, 'hex')}`,
    event: {
      id: 'd1',
      source: 'https://github.com/a/b',
      type: 'com.github.pull_request.opened',
    },
  },
  {
    provider: 'gitlab',
    secret: 'the token',
    body: '{"object_kind":"push","project":{"web_url":"https://gitlab.example/a/b"}}',
    headers: (signature) => ({
      'x-gitlab-event': 'Push Hook',
      'idempotency-key': 'd1',
      'x-gitlab-token': signature,
    }),
    signature: 'the token',
    event: { id: 'd1', source: 'https://gitlab.example/a/b', type: 'com.gitlab.push' },
  },
  {
    // The example of Bitbucket's documentation.
    provider: 'bitbucket',
    secret: "It's a Secret to Everybody",
    body: 'Hello World!',
    headers: (signature) => ({
      'x-event-key': 'repo:push',
      'x-request-uuid': 'd1',
      'x-hub-signature': signature,
    }),
    signature: 'sha256=a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9',
    event: { id: 'd1', source: 'https://bitbucket.org', type: 'com.bitbucket.repo.push' },
  },
  {
    // The example of Slack's documentation.
    provider: 'slack',
    secret: '8f742231b10e8888abcd99yyyzzz85a5',
    body: SLACK_FORM,
    headers: (signature) => ({
      'content-type': 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': '1531420618',
      'x-slack-signature': signature,
    }),
    signature: 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503',
    at: 1_531_420_618,
    event: {
      id: '398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c',
      source: 'https://slack.com/teams/T1DC2JH3J',
      type: 'com.slack.command',
    },
  },
  {
    provider: 'stripe',
    secret: 'whsec_stripe',
    body: PUSH,
    headers: (signature) => ({ 'stripe-signature': `t=${NOW_S},v1=00,v1=${signature},v0=1` }),
    signature: mac('whsec_stripe', `${NOW_S}.${PUSH}`, 'hex'),
    at: NOW_S,
    event: { id: 'evt_1', source: 'https://api.stripe.com', type: 'com.stripe.t.made' },
  },
  {
    provider: 'shopify',
    secret: 's',
    body: PUSH,
    headers: (signature) => ({
      'x-shopify-topic': 'orders/create',
      'x-shopify-shop-domain': 'a.myshopify.com',
      'x-shopify-webhook-id': 'd1',
      'x-shopify-hmac-sha256': signature,
    }),
    signature: mac('s', PUSH, 'base64'),
    event: { id: 'd1', source: 'https://a.myshopify.com', type: 'com.shopify.orders.create' },
  },
  {
    provider: 'standard-webhooks',
    secret: `whsec_${STANDARD_KEY.toString('base64')}`,
    body: PUSH,
    headers: (signature) => ({
      'webhook-id': 'msg_1',
      'webhook-timestamp': `${NOW_S}`,
      'webhook-signature': `v1a,x v1,${mac('other', PUSH, 'base64')} v1,${signature}`,
    }),
    signature: mac(STANDARD_KEY, `msg_1.${NOW_S}.${PUSH}`, 'base64'),
    at: NOW_S,
    event: {
      id: 'msg_1',
      source: '/workflows/wf1/webhooks/standard-webhooks',
      type: 'io.boomerang.eventing.webhook',
    },
  },
  {
    provider: 'hmac',
    secret: 's',
    body: PUSH,
    options: {
      header: 'X-Signed',
      algorithm: 'sha512',
      encoding: 'base64',
      prefix: 'mac ',
      timestampHeader: 'X-Time',
      idHeader: 'X-Id',
    },
    headers: (signature) => ({ 'x-signed': signature, 'x-time': `${NOW_S}`, 'x-id': 'd1' }),
    signature: `mac ${mac('s', `${NOW_S}.${PUSH}`, 'base64', 'sha512')}`,
    at: NOW_S,
    event: {
      id: 'd1',
      source: '/workflows/wf1/webhooks/hmac',
      type: 'io.boomerang.eventing.webhook',
    },
  },
];

function providerOf({ provider }: Sample): WebhookProvider {
  const found = providerNamed(provider);
  if (!found) throw new Error(`There is no provider ${provider}`);
  return found;
}

function verify(
  sample: Sample,
  changed: Partial<Record<'body' | 'signature' | 'secret', string>>,
  atS = sample.at ?? NOW_S,
): boolean {
  const { body, signature, secret } = { ...sample, ...changed };
  return (
    providerOf(sample).verify?.({
      bytes: Buffer.from(body),
      headers: sample.headers(signature),
      secret: { text: secret, options: sample.options ?? {} },
      now: atS * 1_000,
      ageMsMax: AGE_S_MAX * 1_000,
    }) ?? false
  );
}

function deliveryOf(headers: Headers, body: string, options: SignatureOptions = {}): Delivery {
  const bytes = Buffer.from(body);
  const isForm = headers['content-type'] !== undefined;
  const isJson = body.startsWith('{');
  const json = isJson ? readJsonBody(bytes, LIMITS) : { kind: 'text' as const, text: body };
  const data = isForm ? readFormBody(bytes, LIMITS).data : json;
  return { workflowId: 'wf1', data, headers, options, requestId: 'r1', now: NOW_S * 1_000 };
}

describe.each(SAMPLES.map((sample) => [sample.provider, sample] as const))(
  '%s',
  (_name, sample) => {
    const headers = sample.headers(sample.signature);

    it('takes what is signed as it documents', () => {
      expect(verify(sample, {})).toBe(true);
      expect(providerOf(sample).isSigned?.(headers, sample.options ?? {})).toBe(true);
    });

    it('refuses another body, secret or signature, and none', () => {
      // GitLab sends its secret and signs nothing.
      if (sample.provider !== 'gitlab')
        expect(verify(sample, { body: `${sample.body} ` })).toBe(false);
      expect(verify(sample, { secret: 'another' })).toBe(false);
      expect(verify(sample, { signature: `${sample.signature}0` })).toBe(false);
      expect(verify(sample, { signature: sample.signature.slice(0, -1) })).toBe(false);
      expect(verify(sample, { signature: '' })).toBe(false);
    });

    it('refuses what was signed too long ago or is still to come, where it signs a time', () => {
      const { at } = sample;
      if (at === undefined) return;
      expect(verify(sample, {}, at + AGE_S_MAX)).toBe(true);
      expect(verify(sample, {}, at - AGE_S_MAX)).toBe(true);
      expect(verify(sample, {}, at + AGE_S_MAX + 1)).toBe(false);
      expect(verify(sample, {}, at - AGE_S_MAX - 1)).toBe(false);
    });

    it('makes an event with the id of the delivery, so that a repeat is a duplicate', () => {
      const reading = providerOf(sample).read(deliveryOf(headers, sample.body, sample.options));

      expect(reading).toMatchObject({
        kind: 'events',
        events: [{ ...sample.event, specversion: '1.0', subject: '/wf1' }],
      });
    });

    it('is found by its own headers, unless it has none', () => {
      const expected = sample.provider === 'hmac' ? undefined : sample.provider;

      expect(providerSigning(headers)?.name).toBe(expected);
    });
  },
);

describe('a check by the provider', () => {
  it.each([
    ['github', { 'x-github-event': 'ping' }, '{"zen":"a"}', undefined],
    ['bitbucket', { 'x-event-key': 'diagnostics:ping' }, '{}', undefined],
    ['slack', {}, '{"type":"url_verification","challenge":"c"}', { challenge: 'c' }],
  ])('of %s makes no event', (name, headers: Headers, body, answer) => {
    const reading = providerNamed(name)?.read(deliveryOf(headers, body));

    expect(reading).toEqual({ kind: 'check', ...(answer && { body: answer }) });
  });
});

describe('what a provider leaves out or gets wrong', () => {
  it.each(WEBHOOK_PROVIDERS.map((provider) => [provider.name, provider] as const))(
    'is no defect of ours: %s',
    (_name, provider) => {
      for (const body of ['{}', 'text', '{"type":1,"action":{},"repository":[]}'])
        expect(provider.read(deliveryOf({}, body))).toMatchObject({
          kind: 'events',
          events: [{ id: 'r1', subject: '/wf1' }],
        });
    },
  );

  it('is refused with a reason when it can be no attribute', () => {
    const headers = { 'x-github-event': 'push', 'x-github-delivery': 'a\u0000b' };

    expect(() => providerNamed('github')?.read(deliveryOf(headers, '{}'))).toThrow(
      expect.objectContaining({ code: 'EVENT_INVALID' }) as Error,
    );
  });
});

describe(providerFor.name, () => {
  const GITHUB_HEADERS = { 'x-github-event': 'push' };
  const workflow = (differences: object): Workflow =>
    ({ triggers: {}, ...differences }) as unknown as Workflow;

  it.each([
    ['nothing of GitHub', {}, 'generic'],
    ['its trigger off', { triggers: { github: { enabled: false } } }, 'generic'],
    ['its trigger on', { triggers: { github: { enabled: true } } }, 'github'],
    ['a secret of it', { secrets: [{ provider: 'github' }] }, 'github'],
    ['a secret of another', { secrets: [{ provider: 'gitlab' }] }, 'generic'],
  ])('with %s', (_what, differences, expected) => {
    expect(providerFor(GITHUB_HEADERS, workflow(differences)).name).toBe(expected);
  });
});

describe('hmac without options', () => {
  it('is SHA-256 in hex in X-Signature', () => {
    const secret = { text: 's', options: {} };
    const bytes = Buffer.from('a');
    const headers = { 'x-signature': mac('s', 'a', 'hex') };

    expect(HMAC.verify?.({ bytes, headers, secret, now: 0, ageMsMax: 0 })).toBe(true);
  });
});
