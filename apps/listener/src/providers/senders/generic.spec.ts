import { contextAttributes, requireEvent } from '@app/events';
import { errorOf } from '@app/errors/testing';
import { jsonData } from '@app/events/testing';
import { genericWebhookEvent } from './generic.js';

type Webhook = Parameters<typeof genericWebhookEvent>[0] & { readonly deliveryId?: string };

function eventOf({ deliveryId, ...differences }: Partial<Webhook> = {}): ReturnType<
  typeof genericWebhookEvent
> {
  const now = Date.UTC(2020, 3, 5, 17, 31);
  const webhook = { workflowId: 'wf1', data: jsonData({ a: 1 }), requestId: 'r1', now };
  return genericWebhookEvent({ ...webhook, ...differences }, deliveryId);
}

describe(genericWebhookEvent.name, () => {
  it('makes a valid event with a new id', () => {
    const event = eventOf();

    expect(event).toEqual({
      specversion: '1.0',
      id: 'r1',
      source: '/workflows/wf1/webhooks/generic',
      type: 'io.boomerang.eventing.webhook',
      subject: '/wf1',
      time: '2020-04-05T17:31:00.000Z',
      datacontenttype: 'application/json',
      extensions: {},
      data: jsonData({ a: 1 }),
    });
    expect(
      requireEvent({ attributes: contextAttributes(event), data: event.data, problems: [] }),
    ).toEqual(event);
  });

  it("takes over the sender's delivery id, so that a repeated delivery is the same event", () => {
    expect(eventOf({ deliveryId: 'd1' }).id).toBe('d1');
  });

  it('gives deliveries with the same id to two workflows different sources', () => {
    const [a, b] = ['wf1', 'wf2'].map((workflowId) => eventOf({ workflowId, deliveryId: 'd1' }));

    expect(a?.source).not.toBe(b?.source);
  });

  it('makes an event without data', () => {
    const event = eventOf({ data: undefined });

    expect(event).not.toHaveProperty('data');
    expect(event).not.toHaveProperty('datacontenttype');
  });

  it.each(['', 'a\nb', 'x'.repeat(256)])('refuses the delivery id "%s"', (deliveryId) => {
    const rejection = errorOf(() => eventOf({ deliveryId }));

    expect(rejection).toMatchObject({ code: 'EVENT_INVALID', problems: [{ attribute: 'id' }] });
  });
});
