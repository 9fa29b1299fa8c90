import fc from 'fast-check';
import { requireEvent } from '../event/check-event.js';
import { encodeBinaryMessage } from '../nats/message.js';
import { asSent } from '../testing/as-sent.js';
import { anEvent } from '../testing/an-event.js';
import { arbitraryEvent } from '../testing/arbitrary-event.js';
import { EVENT_LIMITS } from '../testing/event-limits.js';
import { plainEvent } from '../testing/plain-event.js';
import { readHttpMessage } from './read-http.js';
import { binaryHttpHeaders } from '../binary/binary-attributes.js';

describe(binaryHttpHeaders.name, () => {
  it('is read back as written, but for the types of extensions', () => {
    fc.assert(
      fc.property(arbitraryEvent(), (event) => {
        const { payload } = encodeBinaryMessage(event);
        const read = readHttpMessage(
          'binary',
          asSent(binaryHttpHeaders(event)),
          payload,
          EVENT_LIMITS,
        );
        const raw = read.kind === 'event' ? read.event : undefined;
        const extensions = Object.entries(event.extensions).map(([name, one]) => [
          name,
          String(one),
        ]);
        const isJson = event.data?.kind === 'json' && event.datacontenttype === undefined;

        expect(raw && plainEvent(requireEvent(raw))).toEqual({
          ...event,
          ...(isJson && { datacontenttype: 'application/json' }),
          extensions: Object.fromEntries(extensions) as unknown,
        });
      }),
    );
  });

  it('has the type of the data in Content-Type', () => {
    const headers = binaryHttpHeaders(anEvent());

    expect(headers).toMatchObject({ 'content-type': 'application/json', 'ce-specversion': '1.0' });
    expect(headers).not.toHaveProperty('ce-datacontenttype');
  });
});
