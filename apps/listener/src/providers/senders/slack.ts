import { jsonObjectOf, uriComponent } from '@app/json';
import { header, hmac, isDigest, isInTime } from '../signature.js';
import { dotted, providerEvent, textAt } from '../provider-event.js';
import { type WebhookProvider } from '../webhook-provider.js';

const PREFIX = 'v0=';

/**
 * https://docs.slack.dev/authentication/verifying-requests-from-slack: the Events API, interactivity and slash commands.
 * The answer to an accepted request is empty, because Slack shows it to the user.
 */
export const SLACK: WebhookProvider = {
  name: 'slack',
  trigger: 'slack',
  answer: 'empty',
  matches: (headers) => header(headers, 'x-slack-signature') !== undefined,
  isSigned: (headers) => header(headers, 'x-slack-signature') !== undefined,
  verify: ({ bytes, headers, secret, now, ageMsMax }) => {
    const sent = header(headers, 'x-slack-signature') ?? '';
    const time = header(headers, 'x-slack-request-timestamp') ?? '';
    const digest = hmac('sha256', secret.text, [`v0:${time}:`, bytes]);
    const isRight = sent.startsWith(PREFIX) && isDigest(digest, [sent.slice(PREFIX.length)], 'hex');
    return isRight && isInTime(time, now, ageMsMax);
  },
  read: (delivery) => {
    const { data } = delivery;
    const kind = textAt(data, 'type');
    const challenge = textAt(data, 'challenge');
    if (kind === 'url_verification' && challenge !== undefined)
      return { kind: 'check', body: jsonObjectOf([['challenge', challenge]]) };
    // Slack checks the certificate of a command's URL now and then.
    if (textAt(data, 'ssl_check') === '1') return { kind: 'check' };
    const isCommand = textAt(data, 'command') !== undefined;
    const type = dotted(
      'com.slack',
      isCommand ? 'command' : (kind ?? 'unknown'),
      textAt(data, 'event', 'type'),
    );
    const team = textAt(data, 'team_id') ?? textAt(data, 'team', 'id') ?? 'unknown';
    const id = textAt(data, 'event_id') ?? textAt(data, 'trigger_id');
    const source = `https://slack.com/teams/${uriComponent(team)}`;
    return { kind: 'events', events: [providerEvent(delivery, { id, source, type })] };
  },
};
