import { crossOriginHeaders, preflightHeaders } from './cross-origin.js';
import { handshakeHeaders } from './webhook-handshake.js';

const ALLOWED = ['Emitter.example.com', 'other.example'];

describe(handshakeHeaders.name, () => {
  const ask = (
    headers: Readonly<Record<string, string>>,
    ratePerMinute?: number,
    allowedOrigins = ALLOWED,
  ): unknown => handshakeHeaders(headers, { allowedOrigins, ratePerMinute });

  it('permits an allowed host in upper or lower case', () => {
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

  it('permits every host with "*", and none by default', () => {
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
  ])('answers a requested rate of %s, with a limit of %s, with %s', (asked, limit, permitted) => {
    const headers = { 'webhook-request-origin': 'other.example', 'webhook-request-rate': asked };

    expect(ask(headers, limit)).toMatchObject({ 'WebHook-Allowed-Rate': permitted });
  });
});

describe(crossOriginHeaders.name, () => {
  const PAGE = 'https://app.example';

  it('has no headers while CORS is off', () => {
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

  it('permits the requested method and headers, and never credentials', () => {
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
