import { randomBytes } from 'node:crypto';
import { standardWebhookHeaders } from './standard-webhooks.js';

const SIGNED = {
  id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  body: Buffer.from('{"test": 2432232314}'),
  now: 1_614_265_330_999,
};

describe(standardWebhookHeaders.name, () => {
  it('signs as the libraries of Standard Webhooks do', () => {
    expect(standardWebhookHeaders(SIGNED)).toEqual([
      ['webhook-id', SIGNED.id],
      ['webhook-timestamp', '1614265330'],
      ['webhook-signature', 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='],
    ]);
  });

  it('takes the secret without its prefix, too', () => {
    const bare = { ...SIGNED, secret: SIGNED.secret.slice('whsec_'.length) };

    expect(standardWebhookHeaders(bare)).toEqual(standardWebhookHeaders(SIGNED));
  });

  it.each([
    ['no base64', 'whsec_not base64 at all, really not'],
    ['short', `whsec_${randomBytes(23).toString('base64')}`],
    ['long', `whsec_${randomBytes(65).toString('base64')}`],
    ['empty', 'whsec_'],
  ])('does not take one that is %s', (_what, secret) => {
    expect(standardWebhookHeaders({ ...SIGNED, secret })).toBeUndefined();
  });
});
