import { anEvent } from '@app/events/testing';
import { withTraceparent } from './trace-context.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c-b9c7c989f97918e1';

describe(withTraceparent.name, () => {
  it('adds the trace of the request to an event without one', () => {
    const traceparent = `00-${TRACE}-01`;

    expect(withTraceparent(anEvent({ extensions: { a: 1 } }), traceparent)).toEqual(
      anEvent({ extensions: { a: 1, traceparent } }),
    );
  });

  it('keeps the trace of the event', () => {
    const event = anEvent({ extensions: { traceparent: `00-${TRACE}-00` } });

    expect(withTraceparent(event, `00-${TRACE}-01`)).toBe(event);
  });

  it.each([undefined, '', 'nonsense'])('adds nothing for %p', (traceparent) => {
    const event = anEvent();

    expect(withTraceparent(event, traceparent)).toBe(event);
  });
});
