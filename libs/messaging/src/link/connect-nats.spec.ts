import { connectionOptions } from './connect-nats.js';

function authOf(url: string, rest = {}) {
  const { authenticator } = connectionOptions({ urls: [url], name: 'test', ...rest });
  return typeof authenticator === 'function' ? authenticator() : undefined;
}

describe(connectionOptions.name, () => {
  it('takes user and password out of the URL', () => {
    const { servers } = connectionOptions({ urls: ['nats://u:p%40ss@host:4333'], name: 'test' });

    expect(servers).toEqual(['host:4333']);
    expect(authOf('nats://u:p%40ss@host:4333')).toEqual({ user: 'u', pass: 'p@ss' });
  });

  it('takes a user without a password for a token', () => {
    expect(authOf('nats://secret@host')).toEqual({ auth_token: 'secret' });
  });

  it('sends no credentials when there are none', () => {
    expect(authOf('nats://host:4222')).toBeUndefined();
  });

  it('encrypts when one URL asks for it', () => {
    expect(connectionOptions({ urls: ['tls://host'], name: 't', caFile: '/ca.pem' }).tls).toEqual({
      caFile: '/ca.pem',
    });
    expect(connectionOptions({ urls: ['nats://host'], name: 't' }).tls).toBeUndefined();
  });

  it('encrypts if it has an authority or a certificate', () => {
    const files = { caFile: '/ca.pem', certFile: '/cert.pem', keyFile: '/key.pem' };

    expect(connectionOptions({ urls: ['nats://host'], name: 't', ...files }).tls).toEqual(files);
  });

  it('never gives up', () => {
    expect(connectionOptions({ urls: ['nats://host'], name: 't' })).toMatchObject({
      maxReconnectAttempts: -1,
      ignoreAuthErrorAbort: true,
    });
  });

  it('ignores servers that a cluster announces, with which a refused first connection would be retried without end', () => {
    expect(connectionOptions({ urls: ['nats://a'], name: 'test' })).toMatchObject({
      ignoreAuthErrorAbort: true,
      ignoreClusterUpdates: true,
    });
  });
});
