import { until } from '@app/errors/testing';
import { NoActivityNotices } from '@app/messaging';
import { MemoryLog } from '@app/observability/testing';
import { NOW } from '@app/persistence/testing';
import { type OffersExecutor, OffersFixture } from '../testing/offers-fixture.js';
import { InboxWatch } from './inbox-watch.js';
import { SignalDelivery } from './signal-delivery.js';

const CANCEL = { kind: 'cancel', id: 'cancel', at: NOW, reason: 'a test' } as const;

describe(InboxWatch.name, () => {
  let fixture: OffersFixture;
  let watch: InboxWatch;
  let executor: OffersExecutor;

  beforeEach(async () => {
    fixture = new OffersFixture();
    await fixture.open();
    await fixture.runs();
    executor = fixture.executor();
    const { store } = fixture;
    const { runs, starter } = executor;
    const notices = new NoActivityNotices();
    const bounds = { deliveriesMax: 1, waitingMax: 10 };
    const delivery = new SignalDelivery(notices, runs, store, starter, bounds, new MemoryLog());
    watch = new InboxWatch(store, runs, notices, delivery, 1);
    watch.start();
  });

  afterEach(async () => {
    watch.stop();
    await fixture.close();
  });

  it('finds a signal of a run that is handed over to a worker, without a notice', async () => {
    const { store, origin } = fixture;
    await executor.starter.startNew(origin);
    await until(() => Promise.resolve(executor.runs.hasHandedOver(origin.id)));

    await store.signal(origin.id, CANCEL);

    await until(async () => (await store.get(origin.id))?.status === 'cancelled');
  });
});
