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

/** All providers, in the order in which their headers are looked for. */
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
 * The provider of a request that has neither a token nor the name of a provider: the one whose signature headers it has,
 * because the signature is then its credential.
 */
export function providerSigning(headers: Headers): WebhookProvider | undefined {
  return WEBHOOK_PROVIDERS.find(
    (provider) => provider.matches(headers) && provider.isSigned?.(headers, {}) === true,
  );
}

/**
 * The provider of a request that has a token and no name of a provider. The headers of a provider count only if the
 * workflow has its trigger on or a secret of it. Any other request is a generic webhook.
 */
export function providerFor(headers: Headers, { triggers, secrets }: Workflow): WebhookProvider {
  const found = WEBHOOK_PROVIDERS.find((provider) => provider.matches(headers));
  if (!found) return GENERIC;
  const hasTrigger = found.trigger !== 'webhook' && triggers[found.trigger]?.enabled === true;
  const hasSecret = secrets?.some(({ provider }) => provider === found.name) === true;
  return hasTrigger || hasSecret ? found : GENERIC;
}
