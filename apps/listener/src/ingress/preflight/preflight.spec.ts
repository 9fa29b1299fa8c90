import { crossOriginHeaders, preflightHeaders } from './cross-origin.js';
import { handshakeHeaders } from './webhook-handshake.js';

const ALLOWED = ['Emitter.example.com', 'other.example'];

describe(handshakeHeaders.name, () => {
  const ask = (
    headers: Readonly<Record<string, string>>,
    ratePerMinute?: number,
    allowedOrigins = ALLOWED,
  ): unknown => handshakeHeaders(headers, { allowedOrigins, ratePerMinute });

  it('permits a host that is allowed, whatever its case', () => {
    for (const origin of ['emitter.example.com', 'EMITTER.EXAMPLE.COM'])
      expect(ask({ 'webhook-request-origin': origin })).toEqual({
        'WebHook-Allowed-Origin': 'Emitter.example.com',
      });
  });

  it.each([
    'example.com',
    'emitter.example.com.evil.example',
    'x.emitter.example.com',
    'emitter.example.com, other.example',
    '*',
    '',
  ])('permits nothing to %j', (origin) => {
    expect(ask({ 'webhook-request-origin': origin, 'webhook-request-rate': '1' }, 60)).toEqual({});
  });

  it('permits everybody by "*", and nobody by default', () => {
    const headers = { 'webhook-request-origin': 'anybody.example' };

    expect(ask(headers, undefined, ['*'])).toEqual({ 'WebHook-Allowed-Origin': '*' });
    expect(ask(headers, undefined, [])).toEqual({});
  });

  it.each([
    ['100', 60, '60'],
    ['10', 60, '10'],
    ['10', undefined, '*'],
    ['many', 60, '60'],
    ['0', 60, '60'],
  ])('of the rate %s with a limit of %s permits %s', (asked, limit, permitted) => {
    const headers = { 'webhook-request-origin': 'other.example', 'webhook-request-rate': asked };

    expect(ask(headers, limit)).toMatchObject({ 'WebHook-Allowed-Rate': permitted });
  });
});

describe(crossOriginHeaders.name, () => {
  const PAGE = 'https://app.example';

  it('says nothing while it is off', () => {
    expect(crossOriginHeaders({ origin: PAGE }, [])).toEqual({});
  });

  it.each([
    [PAGE, PAGE],
    ['https://app.example.evil', undefined],
    ['http://app.example', undefined],
    ['null', undefined],
  ])('of %s is %s', (origin, allowed) => {
    const headers = crossOriginHeaders({ origin }, [PAGE]);

    expect(headers['Access-Control-Allow-Origin']).toBe(allowed);
    expect(headers['Vary']).toBe('Origin');
  });

  it('permits a preflight what it asks for, and never credentials', () => {
    const asked = {
      origin: PAGE,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization, ce-id',
    };

    expect(preflightHeaders(asked, ['POST'], [PAGE])).toEqual({
      'Access-Control-Allow-Methods': 'POST',
      'Access-Control-Allow-Headers': 'authorization, ce-id',
      'Access-Control-Max-Age': '600',
    });
    expect(
      preflightHeaders({ ...asked, origin: 'https://evil.example' }, ['POST'], [PAGE]),
    ).toEqual({});
  });
});
