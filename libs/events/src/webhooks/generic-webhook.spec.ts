import { requireEvent } from '../event/check-event.js';
import { contextAttributes } from '../event/context-attributes.js';
import { errorOf } from '../testing/error-of.js';
import { jsonData } from '../testing/index.js';
import { genericWebhookEvent, type GenericWebhook } from './generic-webhook.js';

function aWebhook(differences: Partial<GenericWebhook> = {}): GenericWebhook {
  const now = Date.UTC(2020, 3, 5, 17, 31);
  return {
    workflowId: 'wf1',
    data: jsonData({ a: 1 }),
    deliveryId: undefined,
    requestId: 'r1',
    now,
    ...differences,
  };
}

describe(genericWebhookEvent.name, () => {
  it('makes a valid event for the workflow, that is like no other', () => {
    const event = genericWebhookEvent(aWebhook());

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

  it("takes the sender's own id for the delivery, so that a repeat is the same event", () => {
    expect(genericWebhookEvent(aWebhook({ deliveryId: 'd1' })).id).toBe('d1');
  });

  it('gives events of two workflows with one delivery id two sources', () => {
    const [a, b] = ['wf1', 'wf2'].map((workflowId) =>
      genericWebhookEvent(aWebhook({ workflowId, deliveryId: 'd1' })),
    );

    expect(a?.source).not.toBe(b?.source);
  });

  it('may be without data', () => {
    const event = genericWebhookEvent(aWebhook({ data: undefined }));

    expect(event).not.toHaveProperty('data');
    expect(event).not.toHaveProperty('datacontenttype');
  });

  it.each(['', 'a\nb', 'x'.repeat(256)])('refuses the delivery id "%s"', (deliveryId) => {
    const rejection = errorOf(() => genericWebhookEvent(aWebhook({ deliveryId })));

    expect(rejection).toMatchObject({ code: 'EVENT_INVALID', problems: [{ attribute: 'id' }] });
  });
});
