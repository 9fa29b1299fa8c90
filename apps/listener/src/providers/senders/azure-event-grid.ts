import { BodyOutOfBoundsError, type EventData } from '@app/events';
import { isJsonArray, jsonObjectOf, toJsonText } from '@app/json';
import { header } from '../signature.js';
import { dotted, providerEvent, textAt } from '../provider-event.js';
import { type WebhookProvider } from '../webhook-provider.js';

/**
 * https://learn.microsoft.com/azure/event-grid/event-schema: a list of events, each with an activity of its own. Event
 * Grid does not sign, so the token is in the URL. With the CloudEvents schema, use `/api/v2/event` instead.
 */
export const AZURE_EVENT_GRID: WebhookProvider = {
  name: 'azure-event-grid',
  trigger: 'webhook',
  matches: (headers) => header(headers, 'aeg-event-type') !== undefined,
  read: (delivery) => {
    const { data, headers, eventsMax } = delivery;
    const entries = entriesIn(data);
    if (entries.length > eventsMax) {
      const detail = `has ${entries.length} events, and at most ${eventsMax} are accepted (BATCH_EVENTS_MAX)`;
      throw new BodyOutOfBoundsError([{ detail }]);
    }
    const code = textAt(entries[0], 'data', 'validationCode');
    if (header(headers, 'aeg-event-type') === 'SubscriptionValidation' && code !== undefined)
      return { kind: 'check', body: jsonObjectOf([['validationResponse', code]]) };
    const events = entries.map((entry) => {
      const id = textAt(entry, 'id');
      const source = textAt(entry, 'topic') ?? 'https://azure.microsoft.com';
      const type = textAt(entry, 'eventType') ?? dotted('com.microsoft', 'eventgrid');
      return providerEvent({ ...delivery, data: entry }, { id, source, type });
    });
    return { kind: 'events', events };
  },
};

function entriesIn(data: EventData | undefined): readonly (EventData | undefined)[] {
  if (data?.kind !== 'json' || !isJsonArray(data.value) || data.value.length === 0) return [data];
  return data.value.map((value) => ({ kind: 'json', text: toJsonText(value), value }));
}
