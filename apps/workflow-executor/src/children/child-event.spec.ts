import { type CloudEvent, HOPS, hopsOf } from '@app/events';
import { aNewActivity, anEvent, NOW } from '@app/persistence/testing';
import { eventToSend } from '../tasks/event/event-to-send.js';
import { aCall } from '../tasks/http/testing/a-call.js';
import { childEvent } from './child-event.js';

const HOPS_MAX = 3;
const REQUEST = { task: 'call', attempt: 1, params: {} };

/** What an `event` task sends in the run that an event began. */
function sentBy(cause: CloudEvent): ReturnType<typeof eventToSend> {
  const url = 'https://flow.example/events';
  const call = aCall({ url });
  const event = { id: 'e', type: 'com.example.again', time: NOW, extensions: {} };
  const params = { event, mode: 'binary', to: { kind: 'url', url, headers: [] } } as const;
  const effect = { ...call.effect, type: 'event', params } as const;
  return eventToSend({ ...call, scope: { hops: hopsOf(cause) }, effect }, HOPS_MAX, () => 'root');
}

function begunBy(cause: CloudEvent, request?: Parameters<typeof hopsOf>[1]): CloudEvent {
  const origin = aNewActivity({ event: cause, ...(request && { request }) });
  return childEvent(REQUEST, 'called', origin, NOW);
}

describe(childEvent.name, () => {
  it('has nothing of the other run but its origin', () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const cause = anEvent({ extensions: { traceparent, secret: 'x' } });

    expect(begunBy(cause).extensions).toEqual({ traceparent });
  });

  it('continues the count of workflows of the event, also of a webhook', () => {
    const webhook = { query: {}, headers: { [`ce-${HOPS}`]: '2' } };

    expect(hopsOf(begunBy(anEvent({ extensions: { [HOPS]: 2 } })))).toBe(2);
    expect(hopsOf(begunBy(anEvent(), webhook))).toBe(2);
  });

  it('ends a circle of runs and events', () => {
    let event = anEvent();
    for (let round = 0; round < HOPS_MAX; round += 1) {
      const sent = sentBy(begunBy(event));
      if (sent.kind === 'failed') throw new Error(`It ended in round ${round}`);
      ({ event } = sent);
    }

    expect(sentBy(begunBy(event))).toMatchObject({ code: 'EVENT_HOPS_EXCEEDED' });
  });
});
