import { Gauge } from 'prom-client';
import { HealthRegistry } from '../health/health-registry.js';
import { FlowMetrics } from '@app/observability';
import { OperationsServer } from './operations-server.js';

let health: HealthRegistry;
let metrics: FlowMetrics;
let server: OperationsServer;
let url: string;

beforeEach(async () => {
  health = new HealthRegistry();
  health.started();
  metrics = new FlowMetrics();
  server = new OperationsServer(health, metrics);
  url = await server.listen({ host: '127.0.0.1', port: 0 });
});

afterEach(() => server.close());

describe(OperationsServer.name, () => {
  it('shows the metrics as Prometheus reads them', async () => {
    metrics.accepted();

    const answer = await fetch(`${url}/metrics`);

    expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=/);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(await answer.text()).toContain('flow_events_accepted_total 1');
  });

  it('collects the metrics once for concurrent scrapes', async () => {
    let [reading, most] = [0, 0];
    new Gauge({
      name: 'slow',
      help: 'A number that takes its time',
      registers: [metrics.registry],
      async collect(): Promise<void> {
        reading += 1;
        most = Math.max(most, reading);
        await new Promise(setImmediate);
        reading -= 1;
      },
    });

    const answers = await Promise.all(Array.from({ length: 20 }, () => fetch(`${url}/metrics`)));

    expect(answers.every(({ ok }) => ok)).toBe(true);
    expect(most).toBe(1);
  });

  it('is live, and ready until it stops', async () => {
    expect(await (await fetch(`${url}/health/live`)).json()).toEqual({ status: 'live' });
    expect((await fetch(`${url}/health/ready?from=balancer`)).status).toBe(200);

    health.stop();

    expect((await fetch(`${url}/health/live`)).status).toBe(200);
    const answer = await fetch(`${url}/health/ready`);
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ status: 'stopping' });
  });

  it('answers 500 when a metric cannot be read, and goes on', async () => {
    metrics.gauges.inFlight('broken', () => {
      throw new Error('broken');
    });

    expect((await fetch(`${url}/metrics`)).status).toBe(500);
    expect((await fetch(`${url}/health/live`)).status).toBe(200);
  });

  it.each([
    ['GET', '/', 404],
    ['GET', '/listener/event', 404],
    ['HEAD', '/health/ready', 200],
    ['POST', '/metrics', 405],
  ])('answers %s %s with %d', async (method, path, status) => {
    expect((await fetch(url + path, { method })).status).toBe(status);
  });

  it('does not start on a port that is taken', async () => {
    const port = Number(new URL(url).port);
    const second = new OperationsServer(health, metrics);

    await expect(second.listen({ host: '127.0.0.1', port })).rejects.toThrow('EADDRINUSE');
  });
});
