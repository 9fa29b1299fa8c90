import { type FastifyRequest } from 'fastify';
import { QueryInvalidError } from '../errors.js';
import { isPassedHeader } from './passed-headers.js';
import { webhookRequest } from './webhook-request.js';

function aRequest(query: object, headers: object = {}): FastifyRequest {
  return { query, headers } as unknown as FastifyRequest;
}

describe(webhookRequest.name, () => {
  it('has the query without the parameters that the listener uses', () => {
    const ours = { ref: 'wf1', workflowId: 'wf1', access_token: 'bfw_x', type: 'generic' };
    const query = { board: 'a&b', tag: ['x', 'y'], empty: '' };

    expect(webhookRequest(aRequest({ ...ours, ...query }), 4_096)).toEqual({ query, headers: {} });
  });

  it('refuses a query that is too large, in bytes as executors receive it', () => {
    const query = { q: '\u00fc'.repeat(10) };

    expect(webhookRequest(aRequest(query), 68)).toMatchObject({ query });
    expect(() => webhookRequest(aRequest(query), 67)).toThrow(QueryInvalidError);
    expect(() => webhookRequest(aRequest(query), 67)).toThrow(
      expect.objectContaining({
        problems: [{ path: '', detail: expect.stringMatching(/68 bytes .* 67/) as unknown }],
      }) as Error,
    );
  });

  it('leaves out headers that do not fit, and everything with a limit of 0 bytes', () => {
    const headers = { 'x-a': '1', 'x-b': 'x'.repeat(100), 'x-c': '3' };

    expect(webhookRequest(aRequest({}, headers), 50)).toEqual({
      query: {},
      headers: { 'x-a': '1' },
    });
    expect(webhookRequest(aRequest({}, headers), 2)).toEqual({ query: {}, headers: {} });
    expect(webhookRequest(aRequest({ q: '1' }, headers), 0)).toBeUndefined();
  });

  it('never takes more than its bytes', () => {
    const headers = Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`x-${n}`, '\u00e9"']));
    for (let bytesMax = 20; bytesMax < 700; bytesMax += 1) {
      const said = webhookRequest(aRequest({ q: 'x' }, headers), bytesMax);
      const texts = [said?.query, said?.headers].map((part) =>
        JSON.stringify(part).replaceAll('\u00e9', '\\u00e9'),
      );
      expect(texts.join('').length).toBeLessThanOrEqual(bytesMax);
    }
  });

  it('leaves out headers of one connection', () => {
    const headers = { connection: 'close, X-Hop', 'x-hop': '1', 'x-kept': '2' };

    expect(webhookRequest(aRequest({}, headers), 4_096)?.headers).toEqual({ 'x-kept': '2' });
  });

  it('refuses names that would reach a prototype', () => {
    const query = Object.fromEntries([['__proto__', 'x']]);

    expect(() => webhookRequest(aRequest(query), 4_096)).toThrow('query');
  });
});

describe(isPassedHeader.name, () => {
  it.each([
    'content-type',
    'user-agent',
    'x-github-event',
    'x-github-delivery',
    'x-gitlab-event',
    'x-event-key',
    'x-shopify-topic',
    'x-amz-sns-message-type',
    'x-atlassian-webhook-identifier',
    'idempotency-key',
  ])('passes %s on', (name) => {
    expect(isPassedHeader(name)).toBe(true);
  });

  it.each([
    'authorization',
    'proxy-authorization',
    'proxy-connection',
    'cookie',
    'x-gitlab-token',
    'x-api-key',
    'x-amz-security-token',
    'x-hub-signature-256',
    'stripe-signature',
    'x-shopify-hmac-sha256',
    'x-telegram-bot-api-secret-token',
    'cf-access-jwt-assertion',
    'x-forwarded-for',
    'x-forwarded-client-cert',
    'forwarded',
    'via',
    'x-real-ip',
    'cf-connecting-ip',
    'true-client-ip',
    'x-original-url',
    'x-original-uri',
    'referer',
    'host',
    'connection',
    'transfer-encoding',
    'content-length',
    '__proto__',
  ])('keeps %s to itself', (name) => {
    expect(isPassedHeader(name)).toBe(false);
  });
});
