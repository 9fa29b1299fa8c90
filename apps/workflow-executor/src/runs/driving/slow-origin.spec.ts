import { until } from '@app/errors/testing';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';
import { FlowMetrics } from '@app/observability';
import { MemoryLog } from '@app/observability/testing';
import { anEvent, aNewActivity, MemoryActivityStore } from '@app/persistence/testing';
import { aPlan, aScope, aTask } from '@app/workflow-engine/testing';
import { AddressGuard } from '../../tasks/http/connecting/address-guard.js';
import { CallLimiter } from '../../tasks/call-limiter.js';
import { HttpTaskHandler } from '../../tasks/http/http-task-handler.js';
import { HTTP_LIMITS } from '../../tasks/http/testing/a-call.js';
import { HandDrivenTasks } from '../../tasks/testing/hand-driven-tasks.js';
import { ActiveRuns } from './active-runs.js';
import { type Run } from './run.js';
import { Semaphore } from './semaphore.js';

const TIMEOUT_MS = 1_000;

describe('an origin that answers slowly', () => {
  let servers: Server[];
  let held: ServerResponse[];
  let store: MemoryActivityStore;
  let handler: HttpTaskHandler;
  let limiter: CallLimiter;
  let runs: ActiveRuns;

  beforeEach(() => {
    servers = [];
    held = [];
    store = new MemoryActivityStore();
    limiter = new CallLimiter({
      callsMax: 8,
      perOriginMax: 2,
      perWorkflowMax: 8,
      waitingMax: 16,
      bytesPerOriginMax: 1_000_000,
    });
    handler = new HttpTaskHandler(new AddressGuard(['127.0.0.0/8']), HTTP_LIMITS, limiter);
    const settings = { leaseMs: 30_000, storeRetryMs: 1 };
    const handlers = { http: handler, script: new HandDrivenTasks(), event: new HandDrivenTasks() };
    const parts = { store, handlers, clock: () => Date.now(), settings };
    runs = new ActiveRuns(new Semaphore(2), parts, new FlowMetrics(), new MemoryLog());
  });

  afterEach(async () => {
    await runs.stop(0);
    handler.close();
    for (const server of servers) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });

  async function aServer(answer: (response: ServerResponse) => void): Promise<string> {
    const server = createServer((_request, response) => {
      answer(response);
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  }

  async function start(eventId: string, url: string): Promise<string> {
    const origin = aNewActivity({ event: anEvent({ id: eventId }) });
    await store.record(origin);
    const task = aTask('call', 'http', ['start'], { url }, { timeoutMs: TIMEOUT_MS });
    const run: Run = {
      activityId: origin.id,
      plan: aPlan([task]),
      scope: aScope(),
      trace: { traceId: 'a'.repeat(32), parentId: 'b'.repeat(16), sampled: true },
      origin,
    };
    await runs.start(run);
    return origin.id;
  }

  async function statusOf(id: string): Promise<string | undefined> {
    return (await store.get(id))?.state?.tasks['call']?.status;
  }

  it('delays no run that calls another origin', async () => {
    const slow = await aServer((response) => held.push(response));
    const fast = await aServer((response) => response.end('well'));
    for (let count = 0; count < 20; count += 1) await start(`slow-${count}`, slow);

    const id = await start('fast', fast);

    await until(async () => (await statusOf(id)) === 'succeeded');
    expect(limiter.waiting).toBeLessThanOrEqual(4);
  });

  it('costs a call that waits for it nothing of its own time', async () => {
    const slow = await aServer((response) => held.push(response));
    const ids: string[] = [];
    for (let count = 0; count < 3; count += 1) ids.push(await start(`slow-${count}`, slow));
    const [first = '', , third = ''] = ids;
    // The first two have their slots until their own time is over, which is longer than the third's.
    await until(async () => (await statusOf(first)) === 'timedout');

    await until(() => Promise.resolve(held.length === 3));
    held[2]?.end('well');

    await until(async () => (await statusOf(third)) === 'succeeded');
  });

  it('puts off on record what has no slot to wait in', async () => {
    const slow = await aServer((response) => held.push(response));
    const ids: string[] = [];
    for (let count = 0; count < 7; count += 1) ids.push(await start(`slow-${count}`, slow));
    const last = ids.at(-1) ?? '';

    await until(async () => (await statusOf(last)) === 'waiting');

    const record = await store.get(last);
    expect(record?.state?.tasks['call']).toMatchObject({
      status: 'waiting',
      on: { kind: 'slot' },
    });
    expect(record).not.toHaveProperty('leaseOwner');
    expect(record?.wakeAt).toBeGreaterThan(Date.now());
  });
});
