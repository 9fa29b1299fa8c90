import { jest } from '@jest/globals';
import { eventSubject } from '../src/topology/names.js';
import { setTimeout as delay } from 'node:timers/promises';
import { type JetStreamContext } from '../src/consume/handlers.js';
import { closeAll, consumerInfo, link, publish, settled, start } from './consuming.js';
import { ACK_WAIT_MS } from './flow-nats.js';

jest.setTimeout(60_000);

afterEach(closeAll);

describe('a handler', () => {
  it('gets the decoded message and its facts, and resolves to an acknowledgement', async () => {
    const flow = await link().ready();
    const seen: [string, JetStreamContext][] = [];
    await start(flow, async (text, context) => void seen.push([text, context]));

    await publish(flow, 'one');
    await settled(flow);

    expect(seen).toHaveLength(1);
    expect(seen[0]?.[0]).toBe('one');
    expect(seen[0]?.[1]).toMatchObject({
      subject: eventSubject(flow.namespace, 'wf1'),
      sequence: 1,
      deliveries: 1,
      headers: { traceparent: ['a-trace'] },
    });
  });

  it('is asked again after an unexpected error, and a later success counts', async () => {
    const flow = await link().ready();
    const deliveries: number[] = [];
    const app = await start(flow, async (_text, context) => {
      deliveries.push(context.deliveries);
      if (context.deliveries < 3) throw new TypeError('a bug');
    });

    await publish(flow, 'one');
    await settled(flow);

    expect(deliveries).toEqual([1, 2, 3]);
    expect(app.failures.map(({ error }) => error.code)).toEqual([
      'HANDLER_FAILED',
      'HANDLER_FAILED',
    ]);
    expect(app.deadLetters.kept).toEqual([]);
  });

  it('is given no more than its bound at once, and in the end everything', async () => {
    const flow = await link().ready();
    const texts = Array.from({ length: 50 }, (_, n) => `m${n}`);
    await publish(flow, ...texts);
    const done: string[] = [];
    let [inHand, inHandMost] = [0, 0];
    const handle = async (text: string) => {
      inHand += 1;
      inHandMost = Math.max(inHandMost, inHand);
      // Some end long before others that came with them.
      await delay(text.endsWith('0') ? 60 : 1);
      inHand -= 1;
      done.push(text);
    };

    await start(flow, handle, { messagesInFlightMax: 5 });
    await settled(flow);

    expect(inHandMost).toBe(5);
    expect(done.toSorted()).toEqual(texts.toSorted());
  });

  it('gets no more bytes than its bound at once; a larger message comes alone', async () => {
    const flow = await link().ready();
    const sizes = Array.from({ length: 30 }, (_, n) => (n % 10 === 9 ? 30_000 : 100 + n * 50));
    const texts = sizes.map((size, n) => String(n).padEnd(size, 'x'));
    await publish(flow, ...texts);
    const inHand = new Set<string>();
    const done: string[] = [];
    let most = 0;
    const handle = async (text: string) => {
      inHand.add(text);
      const bytes = [...inHand].reduce((sum, { length }) => sum + length, 0);
      if (inHand.size > 1) most = Math.max(most, bytes);
      await delay(5);
      inHand.delete(text);
      done.push(text);
    };

    const app = await start(flow, handle, { messagesInFlightMax: 8, bytesInFlightMax: 10_000 });
    await settled(flow);

    expect(done.toSorted()).toEqual(texts.toSorted());
    expect(most).toBeLessThanOrEqual(10_000);
    expect(app.troubles).toEqual([]);
  });

  it('that is slow keeps its message, which is not delivered again', async () => {
    const flow = await link().ready();
    const seen: string[] = [];
    await start(flow, async (text) => {
      seen.push(text);
      await delay(ACK_WAIT_MS * 2);
    });

    await publish(flow, 'slow');
    await settled(flow);

    expect(seen).toEqual(['slow']);
  });

  it('shares the work with the handler of another process', async () => {
    const flow = await link().ready();
    const [first, second]: [string[], string[]] = [[], []];
    const handling = (seen: string[]) => async (text: string) => {
      seen.push(text);
      await delay(5);
    };
    await start(flow, handling(first), { messagesInFlightMax: 2 });
    await start(flow, handling(second), { messagesInFlightMax: 2 });

    await publish(flow, ...Array.from({ length: 40 }, (_, n) => `m${n}`));
    await settled(flow);

    expect(first.length).toBeGreaterThan(0);
    expect(second.length).toBeGreaterThan(0);
    expect(new Set([...first, ...second]).size).toBe(40);
    expect(first.length + second.length).toBe(40);
  });

  it('takes nothing new while the server is paused', async () => {
    const flow = await link().ready();
    const seen: string[] = [];
    const app = await start(flow, async (text) => void seen.push(text), { messagesInFlightMax: 1 });
    await publish(flow, 'before');
    await settled(flow);

    app.server.pause();
    await publish(flow, 'later-1', 'later-2');
    // What the server would deliver, it had by then: its answers come in order.
    await flow.link.connection.flush();
    expect(seen).toEqual(['before']);
    expect((await consumerInfo(flow)).num_ack_pending).toBe(0);
    app.server.resume();
    await settled(flow);

    expect(seen).toEqual(['before', 'later-1', 'later-2']);
  });
});
