import { FlowMetrics, type OnlyInNats } from '@app/observability';
import { StoreUnavailableError } from '@app/persistence';
import { reportOpenWork } from './report-open-work.js';

const NOW = 1_000_000_000;

describe(reportOpenWork, () => {
  async function scraped(
    nats: () => Promise<OnlyInNats>,
    store: Parameters<typeof reportOpenWork>[1] = {
      backlog: async () => ({ queued: 2 }),
      countUnsupported: () => Promise.resolve(0),
      dueSince: async () => NOW - 7_000,
    },
  ): Promise<string> {
    const metrics = new FlowMetrics();
    reportOpenWork(metrics, store, { now: () => NOW, offsetMs: 0 }, nats);
    return metrics.registry.metrics();
  }

  const gone = {
    backlog: () => Promise.reject(new StoreUnavailableError('backlog')),
    countUnsupported: () => Promise.resolve(0),
    dueSince: () => Promise.reject(new StoreUnavailableError('dueSince')),
  };

  it('counts the events that only NATS has, and how late they are', async () => {
    const text = await scraped(async () => ({ events: 3, seconds: 90 }));

    expect(text).toContain('flow_backlog{status="queued"} 2\n');
    expect(text).toContain('flow_backlog{status="only_in_nats"} 3\n');
    expect(text).toContain('flow_overdue_seconds 60\n');
    expect(text).toContain('flow_only_in_nats_events 3\n');
    expect(text).toContain('flow_only_in_nats_seconds 90\n');
  });

  it('reports the most overdue time', async () => {
    const text = await scraped(async () => ({ events: 3, seconds: 31 }));

    expect(text).toContain('flow_overdue_seconds 7\n');
  });

  it.each([
    ['fails', () => Promise.reject(new Error('disconnected'))],
    ['does not answer', () => new Promise<never>(() => undefined)],
  ])('reports MongoDB when NATS %s', async (_how, nats) => {
    const text = await scraped(nats);

    expect(text).toContain('flow_backlog{status="queued"} 2\n');
    expect(text).toContain('flow_overdue_seconds 7\n');
    expect(text).not.toMatch(/^flow_only_in_nats_events /m);
  });

  it('reports NATS while MongoDB is gone', async () => {
    const text = await scraped(async () => ({ events: 3, seconds: 90 }), gone);

    expect(text).toContain('flow_backlog{status="only_in_nats"} 3\n');
    expect(text).not.toMatch(/^flow_overdue_seconds /m);
  });
});
