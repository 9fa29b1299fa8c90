import { firstRequestOf } from './first-request.js';
import { standardWebhookHeaders } from './standard-webhooks.js';
import { aCall } from './testing/a-call.js';

const NOW = 1_767_225_600_000;
const SECRET = `whsec_${'k'.repeat(32)}`;

function requestOf(secret: string): ReturnType<typeof firstRequestOf> {
  const body = { text: 'Grüße' };
  const sign = { id: 'a:b:1', secret };
  return firstRequestOf(aCall({ url: 'https://example.org/', method: 'POST', body, sign }), NOW);
}

it('signs the very bytes that are sent', () => {
  const made = requestOf(SECRET);
  const body = Buffer.from('{"text":"Grüße"}');
  const expected = standardWebhookHeaders({ id: 'a:b:1', secret: SECRET, body, now: NOW }) ?? [];

  expect(expected).toHaveLength(3);
  expect(made).toMatchObject({ kind: 'request', request: { body } });
  if (made.kind !== 'request') return;
  for (const [name, value] of expected) expect(made.request.headers.get(name)).toEqual([value]);
});

it('makes no request with a secret that cannot sign, and does not show it', () => {
  const made = requestOf('a password');

  expect(made).toMatchObject({ kind: 'impossible' });
  expect(JSON.stringify(made)).not.toContain('a password');
});
