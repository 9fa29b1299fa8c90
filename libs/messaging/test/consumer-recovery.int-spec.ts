import { jest } from '@jest/globals';
import { eventsStream } from '../src/topology/names.js';
import { type ConsumerAPI, type ConsumerConfig, jetstream } from '@nats-io/jetstream';
import { setTimeout as delay } from 'node:timers/promises';
import { EXECUTOR_CONSUMER } from '../src/topology/flow-topology.js';
import { closeAll, gate, link, publish, settled, start } from './consuming.js';
import { OwnNats } from './own-nats.js';
import { until } from '@app/errors/testing';

jest.setTimeout(60_000);

/** Longer than the server may be silent. */
const BUSY_MS = 5_000;

afterEach(closeAll);

describe('a consumer of JetStream', () => {
  it('delivers the messages of a process that died to another one', async () => {
    const flow = await link().ready();
    const dying = await link(undefined, flow.namespace).ready();
    const stuck = gate();
    const begun: string[] = [];
    await start(dying, async (text) => {
      begun.push(text);
      await stuck.opened;
    });
    await publish(flow, 'one');
    await until(() => begun.length === 1);
    // To the server, a process that died is a connection that closed without an answer.
    await dying.link.connection.close();

    const deliveries: number[] = [];
    await start(flow, async (_text, context) => void deliveries.push(context.deliveries));
    await settled(flow);

    expect(deliveries).toEqual([2]);
    stuck.open();
  });

  it('continues when the server is restarted with its data', async () => {
    const nats = await OwnNats.start();
    const flow = await link(nats.url).ready();
    const done: string[] = [];
    await start(flow, async (text) => void done.push(text));
    await publish(flow, 'before');
    await until(() => done.length === 1);

    await nats.stop();
    await flow.gone();
    await nats.startAgain();
    await flow.ready();
    await publish(flow, 'after');
    await settled(flow);

    expect(done).toContain('after');
    await closeAll();
    await nats.end();
  });

  it('continues when all data of JetStream was deleted', async () => {
    const nats = await OwnNats.start();
    const flow = await link(nats.url).ready();
    const done: string[] = [];
    await start(flow, async (text) => void done.push(text));
    await publish(flow, 'before');
    await until(() => done.length === 1);

    await nats.loseAllData();
    await flow.ready();
    await publish(flow, 'after');
    await until(() => done.includes('after'));

    expect(done).toEqual(['before', 'after']);
    await closeAll();
    await nats.end();
  });

  it('is created again, with its stream, when an operator deletes them', async () => {
    const flow = await link().ready();
    const done: string[] = [];
    const app = await start(flow, async (text) => void done.push(text));
    await publish(flow, 'before');
    await settled(flow);

    await (await flow.manager()).streams.delete(eventsStream(flow.namespace));
    await until(() => app.troubles.some(({ kind }) => kind === 'pull-lost'));
    await until(() =>
      publish(flow, 'after').then(
        () => true,
        () => false,
      ),
    );
    await until(() => done.includes('after'));

    expect(done).toEqual(['before', 'after']);
  });

  it('starts without NATS, and receives messages when NATS is available', async () => {
    const nats = await OwnNats.start();
    await nats.stop();
    const flow = link(nats.url);
    const done: string[] = [];
    await start(flow, async (text) => void done.push(text));

    await nats.startAgain();
    await flow.ready();
    await publish(flow, 'one');
    await until(() => done.length === 1);

    await closeAll();
    await nats.end();
  });

  it.each<[string, (consumers: ConsumerAPI, stream: string) => Promise<unknown>]>([
    [
      'pauses the consumer',
      (consumers, stream) =>
        consumers.pause(stream, EXECUTOR_CONSUMER, new Date(Date.now() + 3_600_000)),
    ],
    [
      'sets a filter that nothing passes',
      (consumers, stream) =>
        consumers.update(stream, EXECUTOR_CONSUMER, { filter_subject: 'nothing.of.ours' }),
    ],
    ['deletes the consumer', (consumers, stream) => consumers.delete(stream, EXECUTOR_CONSUMER)],
  ])('delivers everything when an operator %s', async (_what, injectFault) => {
    const flow = await link().ready();
    const done: string[] = [];
    await start(flow, async (text) => void done.push(text), { stuckAfterMs: 300 });
    await publish(flow, 'before');
    await settled(flow);

    const { consumers } = await flow.manager();
    await injectFault(consumers, eventsStream(flow.namespace));
    await publish(flow, 'after');
    await until(() => done.includes('after'));

    expect(done).toEqual(['before', 'after']);
  });

  it('is created again when it does not know the messages of its stream', async () => {
    const flow = await link().ready();
    const done: string[] = [];
    const { consumers } = await flow.manager();
    const stream = eventsStream(flow.namespace);
    // What a consumer with a filter has skipped stays skipped when the filter is gone.
    await consumers.update(stream, EXECUTOR_CONSUMER, { filter_subject: 'nothing.of.ours' });
    await publish(flow, 'skipped');
    const puller = await jetstream(flow.link.connection).consumers.get(stream, EXECUTOR_CONSUMER);
    await puller.next({ expires: 1_000 });
    const none = { filter_subject: undefined } as unknown as Partial<ConsumerConfig>;
    await consumers.update(stream, EXECUTOR_CONSUMER, none);
    const { num_pending, num_ack_pending } = await consumers.info(stream, EXECUTOR_CONSUMER);

    const app = await start(flow, async (text) => void done.push(text), { stuckAfterMs: 300 });
    const said = app.server.trouble;
    await until(() => app.troubles.some(({ kind }) => kind === 'miscounted'));
    await until(() => done.includes('skipped'));
    await settled(flow);

    expect([num_pending, num_ack_pending, said]).toEqual([0, 0, undefined]);
    expect(done).toEqual(['skipped']);
    expect(app.troubles.map(({ kind }) => kind)).toContain('recreated');
    expect(app.server.trouble).toBeUndefined();
  });

  it('reports why no messages come, until one comes', async () => {
    const flow = await link().ready();
    const done: string[] = [];
    const app = await start(flow, async (text) => void done.push(text), { stuckAfterMs: 300 });
    await publish(flow, 'before');
    await settled(flow);

    // Nobody puts right what is wrong, nor makes the consumer anew.
    flow.topology.reconcile = () => Promise.resolve();
    flow.topology.recreateConsumer = () => Promise.resolve();
    const { consumers } = await flow.manager();
    const stream = eventsStream(flow.namespace);
    let sent = 0;
    await until(async () => {
      // A comparison that had begun before may have made it deliver again.
      if (done.length > sent) {
        sent = done.length;
        await consumers.pause(stream, EXECUTOR_CONSUMER, new Date(Date.now() + 3_600_000));
        await publish(flow, `stuck ${sent}`);
      }
      return app.server.trouble !== undefined;
    });
    const { reason } = app.server.trouble ?? { reason: '' };
    await consumers.resume(stream, EXECUTOR_CONSUMER);
    await until(() => done.includes(`stuck ${sent}`));

    expect(reason).toMatch(/1 messages wait and none is delivered/);
    await until(() => app.server.trouble === undefined);
  });

  it('is reported when it delivers nothing, and created again at the same place', async () => {
    const flow = await link().ready();
    const done: string[] = [];
    const app = await start(flow, async (text) => void done.push(text), { stuckAfterMs: 300 });
    await publish(flow, 'before');
    await settled(flow);

    // Its configuration is well, as far as anybody can tell.
    flow.topology.reconcile = () => Promise.resolve();
    const { consumers } = await flow.manager();
    const inAnHour = new Date(Date.now() + 3_600_000);
    const kinds = (): string[] => app.troubles.map(({ kind }) => kind);
    const sent = ['before'];
    await until(async () => {
      if (kinds().includes('recreated')) return true;
      // A comparison that had begun before may have made it deliver again.
      if (done.length === sent.length) {
        sent.push(`stuck ${sent.length}`);
        await consumers.pause(eventsStream(flow.namespace), EXECUTOR_CONSUMER, inAnHour);
        await publish(flow, sent.at(-1) ?? '');
      }
      return false;
    });
    await until(() => done.length === sent.length);

    expect(done).toEqual(sent);
    expect(kinds()).toEqual(expect.arrayContaining(['stuck', 'stuck', 'recreated']));
  });

  it('notices within seconds that the server has lost its request', async () => {
    const nats = await OwnNats.start();
    const flow = await link(nats.url).ready();
    const done: string[] = [];
    const app = await start(flow, async (text) => void done.push(text));
    await publish(flow, 'before');
    await settled(flow);

    nats.pause();
    await until(() => app.troubles.some(({ reason }) => reason === 'heartbeats missed'));
    const wasConnected = flow.link.available;
    nats.resume();
    await publish(flow, 'after');
    await until(() => done.includes('after'));

    expect(wasConnected).toBe(true);
    await closeAll();
    await nats.end();
  });

  it('does not take its own delay for a silence of the server', async () => {
    const flow = await link().ready();
    const app = await start(flow, async () => undefined);
    await publish(flow, 'one');
    await settled(flow);

    const end = performance.now() + BUSY_MS;
    while (performance.now() < end);
    await delay(0);

    expect(app.troubles).toEqual([]);
  });

  it('is not reported when it has nothing to deliver', async () => {
    const flow = await link().ready();
    const app = await start(flow, async () => undefined, { stuckAfterMs: 50 });
    await publish(flow, 'one');
    await settled(flow);

    // Some checks pass meanwhile.
    await delay(300);

    expect(app.troubles).toEqual([]);
  });
});
