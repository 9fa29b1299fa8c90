import { receiptOf } from './receipt.js';
import { stripReserved } from './reserved-extensions.js';
import { anEvent } from '../testing/an-event.js';

describe(stripReserved.name, () => {
  it('takes out the token and what the sender calls the activity', () => {
    const event = anEvent({ extensions: { token: 'bfw_x', activityid: 'mine', other: 1 } });

    expect(stripReserved(event)).toEqual({
      event: anEvent({ extensions: { other: 1 } }),
      token: 'bfw_x',
    });
  });

  it('gives back the very same event where there is nothing to take out', () => {
    const event = anEvent({ extensions: { other: 1 } });

    expect(stripReserved(event)).toEqual({ event, token: undefined });
    expect(stripReserved(event).event).toBe(event);
  });

  it('takes out a token that is no text without giving it out', () => {
    expect(stripReserved(anEvent({ extensions: { token: 7 } }))).toEqual({
      event: anEvent(),
      token: undefined,
    });
  });
});

describe(receiptOf.name, () => {
  it('is the context of the event and the activity, without data', () => {
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

  it("has our activity id where the sender's was", () => {
    expect(receiptOf(anEvent({ extensions: { activityid: 'mine' } }), 'a1')).toMatchObject({
      activityid: 'a1',
    });
  });
});
