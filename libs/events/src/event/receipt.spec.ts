import { receiptOf } from './receipt.js';
import { stripReserved } from './reserved-extensions.js';
import { anEvent } from '../testing/an-event.js';

describe(stripReserved.name, () => {
  it('removes the extensions token and activityid', () => {
    const event = anEvent({ extensions: { token: 'bfw_x', activityid: 'mine', other: 1 } });

    expect(stripReserved(event)).toEqual({
      event: anEvent({ extensions: { other: 1 } }),
      token: 'bfw_x',
    });
  });

  it('returns the same object where there is nothing to remove', () => {
    const event = anEvent({ extensions: { other: 1 } });

    expect(stripReserved(event)).toEqual({ event, token: undefined });
    expect(stripReserved(event).event).toBe(event);
  });

  it('removes a token that is no text, and returns none', () => {
    expect(stripReserved(anEvent({ extensions: { token: 7 } }))).toEqual({
      event: anEvent(),
      token: undefined,
    });
  });
});

describe(receiptOf.name, () => {
  it('has the context attributes and the activity, without data', () => {
    expect(receiptOf(anEvent({ extensions: { other: true } }), 'a1')).toEqual({
      specversion: '1.0',
      id: 'C234-1234-1234',
      source: '/github/actions',
      type: 'io.boomerang.eventing.custom',
      subject: '/wf1',
      time: '2020-04-05T17:31:00Z',
      datacontenttype: 'application/json',
      other: true,
      activityid: 'a1',
    });
  });

  it("replaces the sender's activityid by ours", () => {
    expect(receiptOf(anEvent({ extensions: { activityid: 'mine' } }), 'a1')).toMatchObject({
      activityid: 'a1',
    });
  });
});
