import { type ActivityNotices } from '@app/messaging';
import { type INestApplication } from '@nestjs/common';
import { ActiveRuns } from '../driving/active-runs.js';
import { InboxWatch } from './inbox-watch.js';
import { SignalDelivery } from './signal-delivery.js';

/**
 * Makes the drivers of this executor read their records when a notice or the inbox watch reports a signal. A notice of
 * an activity that is not in flight here costs one look-up.
 * @returns a function that stops it
 */
export function takeSignals(app: INestApplication, notices?: ActivityNotices): () => void {
  const runs = app.get(ActiveRuns);
  const inboxes = app.get(InboxWatch);
  const delivery = app.get(SignalDelivery);
  const unsubscribe = notices?.subscribe(
    (id) => {
      delivery.hear(id);
    },
    (id) => runs.has(id) || runs.hasHandedOver(id),
  );
  inboxes.start();
  return () => {
    inboxes.stop();
    unsubscribe?.();
  };
}
