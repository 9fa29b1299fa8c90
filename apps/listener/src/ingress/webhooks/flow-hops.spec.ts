import { anEvent, jsonData } from '@app/events/testing';
import { withHops } from './flow-hops.js';

describe(withHops.name, () => {
  it.each([
    ['a header', { 'ce-flowhops': '3' }, { order: 1 }],
    ['a member of the body', {}, { flowhops: 3 }],
    ['both, the header first', { 'ce-flowhops': '3' }, { flowhops: 9 }],
  ])('takes what came as %s', (_what, headers, data) => {
    expect(withHops(anEvent(), headers, jsonData(data)).extensions).toEqual({ flowhops: 3 });
  });

  it.each([
    ['nothing', {}, {}],
    ['a text that is no number', { 'ce-flowhops': 'x' }, {}],
    ['less than one', {}, { flowhops: -1 }],
    ['more than an integer of CloudEvents', {}, { flowhops: 2 ** 31 }],
    ['a list', {}, [{ flowhops: 3 }]],
  ])('leaves an event alone that came with %s', (_what, headers, data) => {
    const event = anEvent();

    expect(withHops(event, headers, jsonData(data))).toBe(event);
  });

  it('keeps what the event says itself', () => {
    const event = anEvent({ extensions: { flowhops: 2 } });

    expect(withHops(event, { 'ce-flowhops': '3' }, undefined)).toBe(event);
  });

  it.each([
    ['a header', { 'ce-flowhops': '3', 'ce-flowroot': 'ab.v1,c-_' }, {}],
    ['a member of the body', {}, { flowhops: 3, flowroot: 'ab.v1,c-_' }],
  ])('takes the first run that came as %s', (_what, headers, data) => {
    expect(withHops(anEvent(), headers, jsonData(data)).extensions).toEqual({
      flowhops: 3,
      flowroot: 'ab.v1,c-_',
    });
  });
});
