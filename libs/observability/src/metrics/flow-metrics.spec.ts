import { Registry } from 'prom-client';
import { FlowMetrics } from './flow-metrics.js';
import { Tally } from './tally.js';

describe(FlowMetrics, () => {
  it('counts what happened, and reports it the same at every scrape', async () => {
    const metrics = new FlowMetrics();
    metrics.accepted();
    metrics.accepted();
    metrics.rejected('TOKEN_INVALID');
    metrics.dispatched('nats');
    metrics.sweeperClaimed(3);
    metrics.batchWritten('record', 5, 0.02);
    metrics.runBegan(0.02);
    metrics.runEnded('failed', 2);
    const first = await metrics.registry.metrics();
    const second = await metrics.registry.metrics();

    expect(second).toBe(first);
    expect(first).toContain('flow_events_accepted_total 2\n');
    expect(first).toContain('flow_events_rejected_total{code="TOKEN_INVALID"} 1\n');
    expect(first).toContain('flow_dispatched_total{transport="nats"} 1\n');
    expect(first).toContain('flow_dispatched_total{transport="http"} 0\n');
    expect(first).toContain('flow_sweeper_claims_total 3\n');
    expect(first).toContain('flow_batch_size_bucket{le="8",kind="record"} 1\n');
    expect(first).toContain('flow_batch_size_bucket{le="4",kind="record"} 0\n');
    expect(first).toContain('flow_batch_write_seconds_bucket{le="0.025",kind="record"} 1\n');
    expect(first).toContain('flow_queue_wait_seconds_count 1\n');
    expect(first).toContain('flow_run_seconds_count{status="failed"} 1\n');
  });

  it('exports a renamed counter under its former name as well, with the same values', async () => {
    const metrics = new FlowMetrics();
    metrics.rejected('TOKEN_INVALID');
    metrics.rejected('TOKEN_INVALID');

    const text = await metrics.registry.metrics();
    expect(text).toContain('flow_events_rejected_total{code="TOKEN_INVALID"} 2\n');
    expect(text).toContain('flow_events_refused_total{code="TOKEN_INVALID"} 2\n');
    expect(text).toContain('# HELP flow_events_refused_total Deprecated: ');
  });

  it('reads what is in flight when it is scraped', async () => {
    const metrics = new FlowMetrics();
    let activities = 1;
    metrics.gauges.inFlight('activities', () => activities);
    activities = 7;

    expect(await metrics.registry.metrics()).toContain('flow_in_flight{what="activities"} 7\n');
  });

  it('reads the offset of the clock when it is scraped', async () => {
    const metrics = new FlowMetrics();
    metrics.gauges.clockOffset(() => -1.5);

    expect(await metrics.registry.metrics()).toContain('flow_clock_offset_seconds -1.5\n');
  });

  it('reports the backlog, and no value when it cannot be read', async () => {
    const working = new FlowMetrics();
    working.gauges.backlog(async () => ({ queued: 4 }));
    const broken = new FlowMetrics();
    broken.gauges.backlog(() => Promise.reject(new Error('gone')));

    expect(await working.registry.metrics()).toContain('flow_backlog{status="queued"} 4\n');
    expect(await broken.registry.metrics()).not.toContain('flow_backlog{');
  });

  it('reports since when something is due, and no value when it cannot be read', async () => {
    const working = new FlowMetrics();
    working.gauges.overdue(async () => 1.5);
    const broken = new FlowMetrics();
    broken.gauges.overdue(() => Promise.reject(new Error('gone')));

    expect(await working.registry.metrics()).toContain('flow_overdue_seconds 1.5\n');
    expect(await broken.registry.metrics()).not.toMatch(/^flow_overdue_seconds/m);
  });

  it('reports which dependencies are up when it is scraped', async () => {
    const metrics = new FlowMetrics();
    const nats = { name: 'nats', status: 'up' };
    metrics.gauges.dependencies(() => [{ name: 'mongodb', status: 'down' }, nats]);
    nats.status = 'down';
    await metrics.registry.metrics();
    nats.status = 'up';

    const text = await metrics.registry.metrics();
    expect(text).toContain('flow_dependency_up{dependency="mongodb"} 0\n');
    expect(text).toContain('flow_dependency_up{dependency="nats"} 1\n');
  });
});

describe(Tally, () => {
  it('counts more values of its label than there can be as "other"', async () => {
    const registry = new Registry();
    const tally = new Tally(registry, { name: 'refused', help: 'x', label: 'code' });
    for (let code = 0; code < 1_000; code += 1) tally.add(`CODE_${code}`);
    const lines = (await registry.metrics())
      .split('\n')
      .filter((line) => line.startsWith('refused{'));

    expect(lines).toHaveLength(101);
    expect(lines).toContain('refused{code="other"} 900');
  });
});
