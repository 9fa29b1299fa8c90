import { type Headers } from '@app/events';
import { createHmac } from 'node:crypto';
import { type SignatureOptions } from '../webhook-provider.js';

export const NOW_S = 1_700_000_000;

export interface Sample {
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

export function mac(
  key: string | Buffer,
  text: string,
  encoding: 'hex' | 'base64',
  algorithm = 'sha256',
): string {
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

export const SAMPLES: readonly Sample[] = [
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
