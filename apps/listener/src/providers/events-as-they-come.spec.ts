import { type Headers, readJsonBody } from '@app/events';
import { providerNamed } from './webhook-providers.js';

const BODY = '{"a":1}';
const LIMITS = { nestingMax: 64, membersMax: 100, batchEventsMax: 1 };

function eventsOf(provider: string, headers: Headers, body: string): readonly object[] {
  const data = readJsonBody(Buffer.from(body), LIMITS);
  const facts = { workflowId: 'wf1', options: {}, requestId: 'r1', now: 0, eventsMax: 2 };
  const reading = providerNamed(provider)?.read({ ...facts, data, headers });
  return reading?.kind === 'events' ? reading.events : [];
}

describe('the events of a delivery', () => {
  it('of Shopify have the id of the event, which a retry has again, and another topic not', () => {
    // https://shopify.dev/docs/apps/build/webhooks/ignore-duplicates
    const idOf = (topic: string, webhookId: string): unknown => {
      const headers = { 'x-shopify-topic': topic, 'x-shopify-event-id': 'e1' };
      return eventsOf('shopify', { ...headers, 'x-shopify-webhook-id': webhookId }, BODY)[0];
    };

    expect(idOf('orders/paid', 'w1')).toMatchObject({ id: 'orders/paid:e1' });
    expect(idOf('orders/paid', 'w2')).toMatchObject({ id: 'orders/paid:e1' });
    expect(idOf('orders/updated', 'w3')).toMatchObject({ id: 'orders/updated:e1' });
  });

  it('of AWS SNS are named as the adapter of CloudEvents says', () => {
    const headers = {
      'x-amz-sns-message-type': 'Notification',
      'x-amz-sns-message-id': 'm1',
      'x-amz-sns-topic-arn': 'arn:aws:sns:us-west-2:123456789012:MyTopic',
      'x-amz-sns-subscription-arn': 'arn:aws:sns:us-west-2:123456789012:MyTopic:c9135db0',
    };
    const confirmation = { ...headers, 'x-amz-sns-message-type': 'SubscriptionConfirmation' };
    const { 'x-amz-sns-subscription-arn': _arn, ...withoutArn } = confirmation;

    expect(eventsOf('aws-sns', headers, BODY)).toMatchObject([
      {
        id: 'm1',
        source: 'arn:aws:sns:us-west-2:123456789012:MyTopic:c9135db0',
        type: 'com.amazonaws.sns.Notification',
      },
    ]);
    expect(eventsOf('aws-sns', withoutArn, BODY)).toMatchObject([
      {
        source: 'arn:aws:sns:us-west-2:123456789012:MyTopic',
        type: 'com.amazonaws.sns.SubscriptionConfirmation',
      },
    ]);
  });

  it('of Azure Event Grid are those of its list, each with its own number as it was written', () => {
    const event = (id: string): string =>
      `{"id":"${id}","topic":"/subscriptions/s","eventType":"Microsoft.Storage.BlobCreated","data":{"n":12345678901234567890}}`;
    const headers = { 'aeg-event-type': 'Notification' };

    expect(eventsOf('azure-event-grid', headers, `[${event('1')},${event('2')}]`)).toMatchObject([
      {
        id: '1',
        source: '/subscriptions/s',
        type: 'Microsoft.Storage.BlobCreated',
        data: { text: event('1') },
      },
      { id: '2', data: { text: event('2') } },
    ]);
    const three = `[${['1', '2', '3'].map(event).join(',')}]`;
    expect(() => eventsOf('azure-event-grid', headers, three)).toThrow('');
  });
});
