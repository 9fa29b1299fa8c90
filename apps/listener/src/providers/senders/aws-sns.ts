import { header } from '../signature.js';
import { dotted, providerEvent } from '../provider-event.js';
import { type WebhookProvider } from '../webhook-provider.js';

/**
 * https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html. Names of events follow the CloudEvents
 * adapter for SNS. The token is in the URL: to check a signature of SNS, a certificate would have to be fetched from a
 * URL in the message. `SubscriptionConfirmation` is an event like the others; an `http` task of the workflow, or a
 * person, confirms it by a GET of its `SubscribeURL`.
 */
export const AWS_SNS: WebhookProvider = {
  name: 'aws-sns',
  trigger: 'webhook',
  matches: (headers) => header(headers, 'x-amz-sns-message-type') !== undefined,
  read: (delivery) => {
    const { headers } = delivery;
    const id = header(headers, 'x-amz-sns-message-id');
    const source =
      header(headers, 'x-amz-sns-subscription-arn') ??
      header(headers, 'x-amz-sns-topic-arn') ??
      'arn:aws:sns';
    const type = dotted(
      'com.amazonaws.sns',
      header(headers, 'x-amz-sns-message-type') ?? 'unknown',
    );
    return { kind: 'events', events: [providerEvent(delivery, { id, source, type })] };
  },
};
