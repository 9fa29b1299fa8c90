import { parseJson, type JsonObject } from '@app/json';
import { secretParamsMask, withoutSecretParams } from './secret-params.js';

const CARD = '4111 1111/1111';

describe(withoutSecretParams.name, () => {
  it('takes a secret out of all that an event brings', () => {
    const params = {
      card: CARD,
      data: { inputs: { card: CARD }, url: `/${encodeURIComponent(CARD)}`, n: 1 },
      event: { subject: `pays with ${CARD}` },
    };

    const { params: without, texts } = withoutSecretParams(params, ['card', 'pin'], () => []);

    expect(texts).toEqual(new Map([['card', CARD]]));
    expect(without).toEqual({
      card: '***',
      data: { inputs: { card: '***' }, url: '/***', n: 1 },
      event: { subject: 'pays with ***' },
    });
  });

  it('takes a number for its digits', () => {
    const params = parseJson('{"card":12345678901234567890,"data":[12345678901234567890]}');

    const { params: without, texts } = withoutSecretParams(
      params as JsonObject,
      ['card'],
      () => [],
    );

    expect(texts.get('card')).toBe('12345678901234567890');
    expect(without).toEqual({ card: '***', data: ['***'] });
  });

  it.each(['a', '7', '%', '\\', '\r\n', '\n'.repeat(9), ' ', 'card', '12345678'])(
    'takes out %j, and of a short one no part of another value',
    (card) => {
      const other = `x${card}y`;
      const params = { card, data: { cards: [card], other } };

      const { params: without } = withoutSecretParams(params, ['card'], () => []);

      const isSearched = card === '12345678';
      expect(without).toEqual({
        card: '***',
        data: { cards: ['***'], other: isSearched ? 'x***y' : other },
      });
    },
  );

  it('takes out values that others of the same name override', () => {
    const inputs = { card: CARD };
    const properties = { card: 'overridden by inputs' };
    const data = { card: 'overridden by all', properties, inputs };

    const { params, texts } = withoutSecretParams({ ...data, ...inputs, data }, ['card'], () => [
      data,
      properties,
      inputs,
    ]);

    expect(texts).toEqual(new Map([['card', CARD]]));
    const each = { card: '***' };
    const without = { ...each, properties: each, inputs: each };
    expect(params).toEqual({ ...without, data: without });
  });

  it('empties a value that is no text, which the run then refuses', () => {
    const data = { card: { number: CARD }, inputs: { cards: [CARD, { at: CARD }] }, n: 1 };

    const { params, texts } = withoutSecretParams(
      { ...data, ...data.inputs, data },
      ['card', 'cards'],
      () => [data, data.inputs],
    );

    expect(texts).toEqual(new Map());
    const without = { card: {}, inputs: { cards: [] }, n: 1 };
    expect(params).toEqual({ ...without, cards: [], data: without });
  });

  it.each([
    ['text', 'x'.repeat(8_193)],
    ['number', parseJson('1'.repeat(8_193))],
  ])('takes out a %s that is too long to be sent, and empties it', (_what, card) => {
    const data = { card, n: 1 };

    const given = withoutSecretParams({ ...data, data }, ['card'], () => [data]);

    expect(given.texts).toEqual(new Map());
    expect(given.params).toEqual({ card: {}, n: 1, data: { card: '***', n: 1 } });
    expect(secretParamsMask(data, ['card'], () => [data])?.value(data)).toEqual({
      card: '***',
      n: 1,
    });
  });

  it('changes nothing without a secret', () => {
    const params = { card: '', other: { a: 1 } };

    expect(withoutSecretParams(params, ['card', 'missing'], () => [])).toEqual({
      params,
      texts: new Map(),
    });
    expect(secretParamsMask(params, ['card', 'missing'], () => [])).toBeUndefined();
  });
});
