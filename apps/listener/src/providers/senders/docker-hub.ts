import { dotted, providerEvent, textAt } from '../provider-event.js';
import { type WebhookProvider } from '../webhook-provider.js';

/** https://docs.docker.com/docker-hub/repos/manage/webhooks. Docker Hub does not sign, so the token is in the URL. */
export const DOCKER_HUB: WebhookProvider = {
  name: 'dockerhub',
  trigger: 'dockerhub',
  matches: () => false,
  read: (delivery) => {
    const { data } = delivery;
    const source = textAt(data, 'repository', 'repo_url') ?? 'https://hub.docker.com';
    const type = dotted('com.docker.hub', 'push');
    return { kind: 'events', events: [providerEvent(delivery, { id: undefined, source, type })] };
  },
};
