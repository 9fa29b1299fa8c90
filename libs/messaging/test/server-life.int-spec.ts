import { jest } from '@jest/globals';
import { ConsumingApp } from './consuming-app.js';
import { closeAll, gate, link, publish, settled, start } from './consuming.js';
import { until } from '@app/errors/testing';

jest.setTimeout(60_000);

afterEach(closeAll);

describe('closing', () => {
  it('ends what is in flight, and leaves the rest to others', async () => {
    const flow = await link().ready();
    const ending = gate();
    const [begun, done]: [string[], string[]] = [[], []];
    const app = await start(
      flow,
      async (text) => {
        begun.push(text);
        await ending.opened;
        done.push(text);
      },
      { messagesInFlightMax: 2 },
    );
    await publish(flow, 'one', 'two', 'three');
    await until(() => begun.length === 2);

    const closed = app.close();
    ending.open();
    await closed;

    expect(done).toEqual(['one', 'two']);
    await start(flow, async (text) => void done.push(text));
    await settled(flow);
    expect(done).toEqual(['one', 'two', 'three']);
  });

  it('gives back what does not end in time, and a late end changes nothing', async () => {
    const flow = await link().ready();
    const ending = gate();
    const begun: string[] = [];
    const slow = async (text: string) => {
      begun.push(text);
      await ending.opened;
    };
    const app = await start(flow, slow, { closeWithinMs: 50 });
    await publish(flow, 'one');
    await until(() => begun.length === 1);

    await app.close();
    ending.open();
    const deliveries: number[] = [];
    await start(flow, async (_text, context) => void deliveries.push(context.deliveries));
    await settled(flow);

    expect(deliveries).toEqual([2]);
  });
});

describe('a wiring mistake', () => {
  it('stops the start when a consumer has no handler', async () => {
    const flow = await link().ready();
    const app = new ConsumingApp(flow, async () => undefined);
    const unheard = { ...app.binding, pattern: 'flow.unheard' };
    const broken = new ConsumingApp(flow, async () => undefined, {
      consumers: [app.binding, unheard],
    });

    await expect(broken.start()).rejects.toThrow(/flow\.unheard/);
  });

  it('stops the start when a handler has no consumer', async () => {
    const flow = await link().ready();
    const broken = new ConsumingApp(flow, async () => undefined, { consumers: [] });

    await expect(broken.start()).rejects.toThrow(/flow\.event.*no JetStream consumer/);
  });
});
