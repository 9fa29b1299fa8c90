import { aDispatch } from '@app/events/testing';
import { MemoryDispatcher } from '@app/messaging/testing';
import { FlowMetrics } from '@app/observability';
import { CountedDispatcher } from './counted-dispatcher.js';

describe(CountedDispatcher.name, () => {
  it('counts successes and failures by transport', async () => {
    const metrics = new FlowMetrics();
    const way = new MemoryDispatcher('http');
    const dispatcher = new CountedDispatcher(way, metrics);

    await dispatcher.dispatch(aDispatch());
    await dispatcher.notify('activity-1');
    way.available = false;
    await expect(dispatcher.dispatch(aDispatch())).rejects.toThrow();

    const text = await metrics.registry.metrics();
    expect(text).toContain('flow_dispatched_total{transport="http"} 2\n');
    expect(text).toContain('flow_dispatch_failures_total{transport="http"} 1\n');
    expect(way.dispatched).toHaveLength(1);
  });
});
