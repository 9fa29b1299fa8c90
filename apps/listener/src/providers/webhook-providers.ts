import { type Headers } from '@app/events';
import { type Workflow } from '@app/persistence';
import { AWS_SNS } from './senders/aws-sns.js';
import { AZURE_EVENT_GRID } from './senders/azure-event-grid.js';
import { BITBUCKET } from './senders/bitbucket.js';
import { DOCKER_HUB } from './senders/docker-hub.js';
import { GENERIC } from './senders/generic.js';
import { GITHUB } from './senders/github.js';
import { GITLAB } from './senders/gitlab.js';
import { HMAC } from './hmac.js';
import { SHOPIFY } from './senders/shopify.js';
import { SLACK } from './senders/slack.js';
import { STANDARD_WEBHOOKS } from './senders/standard-webhooks.js';
import { STRIPE } from './senders/stripe.js';
import { type WebhookProvider } from './webhook-provider.js';

/** In the order in which their own headers are looked for. */
export const WEBHOOK_PROVIDERS: readonly WebhookProvider[] = [
  GITHUB,
  GITLAB,
  BITBUCKET,
  SLACK,
  STRIPE,
  SHOPIFY,
  STANDARD_WEBHOOKS,
  HMAC,
  DOCKER_HUB,
  AWS_SNS,
  AZURE_EVENT_GRID,
  GENERIC,
];

export function providerNamed(name: string): WebhookProvider | undefined {
  return WEBHOOK_PROVIDERS.find((provider) => provider.name === name);
}

/**
 * Of a request without a token and a name: the signature is its credential, so it is that of the
 * provider whose headers it has.
 */
export function providerSigning(headers: Headers): WebhookProvider | undefined {
  return WEBHOOK_PROVIDERS.find(
    (provider) => provider.matches(headers) && provider.isSigned?.(headers, {}) === true,
  );
}

/**
 * Of a request with a right token and no name. Its headers count where the workflow is made for that
 * provider: has its trigger on, or a secret of it. Any other is a generic webhook, as it always was.
 */
export function providerFor(headers: Headers, { triggers, secrets }: Workflow): WebhookProvider {
  const found = WEBHOOK_PROVIDERS.find((provider) => provider.matches(headers));
  if (!found) return GENERIC;
  const hasTrigger = found.trigger !== 'webhook' && triggers[found.trigger]?.enabled === true;
  const hasSecret = secrets?.some(({ provider }) => provider === found.name) === true;
  return hasTrigger || hasSecret ? found : GENERIC;
}
