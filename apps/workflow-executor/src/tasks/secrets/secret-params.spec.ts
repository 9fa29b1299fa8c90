import { parseJson, type JsonObject } from '@app/json';
import { masked, withoutSecretParams } from './secret-params.js';

const CARD = '4111 1111/1111';

describe(withoutSecretParams.name, () => {
  it('takes a secret out of all that an event brings', () => {
    const params = {
      card: CARD,
      data: { inputs: { card: CARD }, url: `/${encodeURIComponent(CARD)}`, n: 1 },
      event: { subject: `pays with ${CARD}` },
    };

    const { params: without, texts } = withoutSecretParams(params, ['card', 'pin']);

    expect(texts).toEqual(new Map([['card', CARD]]));
    expect(without).toEqual({
      card: '***',
      data: { inputs: { card: '***' }, url: '/***', n: 1 },
      event: { subject: 'pays with ***' },
    });
  });

  it('takes a number for its digits', () => {
    const params = parseJson('{"card":12345678901234567890,"data":[12345678901234567890]}');

    const { params: without, texts } = withoutSecretParams(params as JsonObject, ['card']);

    expect(texts.get('card')).toBe('12345678901234567890');
    expect(without).toEqual({ card: '***', data: ['***'] });
  });

  it.each(['a', '7', '%', '\\', '\r\n', '\n'.repeat(9), ' ', 'card', '12345678'])(
    'takes out %j, and of a short one no part of another value',
    (card) => {
      const other = `x${card}y`;
      const params = { card, data: { cards: [card], other } };

      const { params: without } = withoutSecretParams(params, ['card']);

      const isSearched = card === '12345678';
      expect(without).toEqual({
        card: '***',
        data: { cards: ['***'], other: isSearched ? 'x***y' : other },
      });
    },
  );

  it('changes nothing without a secret', () => {
    const params = { card: '', other: { a: 1 } };

    expect(withoutSecretParams(params, ['card', 'missing'])).toEqual({ params, texts: new Map() });
    expect(masked(params, new Map())).toBe(params);
  });
});
