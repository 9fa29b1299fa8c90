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
import { mac, NOW_S, type Sample, SAMPLES } from './testing/samples.js';

const LIMITS = { nestingMax: 64, membersMax: 10_000, batchEventsMax: 1 };
const AGE_S_MAX = 300;

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
  const isJson = body.startsWith('{') || body.startsWith('[');
  const json = isJson ? readJsonBody(bytes, LIMITS) : { kind: 'text' as const, text: body };
  const data = isForm ? readFormBody(bytes, LIMITS).data : json;
  return {
    workflowId: 'wf1',
    data,
    headers,
    options,
    requestId: 'r1',
    now: NOW_S * 1_000,
    eventsMax: 2,
  };
}

describe.each(SAMPLES.map((sample) => [sample.provider, sample] as const))(
  '%s',
  (_name, sample) => {
    const headers = sample.headers(sample.signature);

    it('accepts a signature as the provider documents it', () => {
      expect(verify(sample, {})).toBe(true);
      expect(providerOf(sample).isSigned?.(headers, sample.options ?? {})).toBe(true);
    });

    it('refuses another body, secret or signature, and a missing signature', () => {
      // GitLab sends its secret and signs nothing.
      if (sample.provider !== 'gitlab')
        expect(verify(sample, { body: `${sample.body} ` })).toBe(false);
      expect(verify(sample, { secret: 'another' })).toBe(false);
      expect(verify(sample, { signature: `${sample.signature}0` })).toBe(false);
      expect(verify(sample, { signature: sample.signature.slice(0, -1) })).toBe(false);
      expect(verify(sample, { signature: '' })).toBe(false);
    });

    it('refuses a signed time that is too old or in the future, if the provider signs a time', () => {
      const { at } = sample;
      if (at === undefined) return;
      expect(verify(sample, {}, at + AGE_S_MAX)).toBe(true);
      expect(verify(sample, {}, at - AGE_S_MAX)).toBe(true);
      expect(verify(sample, {}, at + AGE_S_MAX + 1)).toBe(false);
      expect(verify(sample, {}, at - AGE_S_MAX - 1)).toBe(false);
    });

    it('takes over the delivery id, so that a repeated delivery is a duplicate', () => {
      const reading = providerOf(sample).read(deliveryOf(headers, sample.body, sample.options));

      expect(reading).toMatchObject({
        kind: 'events',
        events: [{ ...sample.event, specversion: '1.0', subject: '/wf1' }],
      });
    });

    it('is recognized by its headers, if it has any', () => {
      const expected = sample.provider === 'hmac' ? undefined : sample.provider;

      expect(providerSigning(headers)?.name).toBe(expected);
    });
  },
);

it.each([
  ['slack', '{"team_id":"T\\ud800"}', 'https://slack.com/teams/T%EF%BF%BD'],
  ['stripe', '{"account":"a\\ud800"}', 'https://api.stripe.com/accounts/a%EF%BF%BD'],
])('names the sender of a webhook of %s, whatever characters it has', (name, body, source) => {
  expect(providerNamed(name)?.read(deliveryOf({}, body))).toMatchObject({ events: [{ source }] });
});

describe('a check by the provider', () => {
  it.each([
    ['github', { 'x-github-event': 'ping' }, '{"zen":"a"}', undefined],
    ['bitbucket', { 'x-event-key': 'diagnostics:ping' }, '{}', undefined],
    ['slack', {}, '{"type":"url_verification","challenge":"c"}', { challenge: 'c' }],
    ['slack', {}, '{"ssl_check":"1","token":"t"}', undefined],
    [
      'azure-event-grid',
      { 'aeg-event-type': 'SubscriptionValidation' },
      '[{"id":"1","topic":"/t","eventType":"Microsoft.EventGrid.SubscriptionValidationEvent","data":{"validationCode":"c"}}]',
      { validationResponse: 'c' },
    ],
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

  it('is refused with a reason if it cannot be an attribute', () => {
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
