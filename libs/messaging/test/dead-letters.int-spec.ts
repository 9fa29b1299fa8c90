import { jest } from '@jest/globals';
import { eventsStream, eventSubject } from '../src/topology/names.js';
import { type Handle } from './consuming-app.js';
import { closeAll, link, publish, RefusedError, settled, start } from './consuming.js';
import { until } from '@app/errors/testing';

jest.setTimeout(60_000);

afterEach(closeAll);

describe('a message that is given up', () => {
  it('is kept with its bytes, headers and reason, at once if no repetition helps', async () => {
    const flow = await link().ready();
    const app = await start(flow, async () => {
      throw new RefusedError('no such thing');
    });

    await publish(flow, 'poison');
    await settled(flow);

    expect(app.deadLetters.kept).toEqual([
      {
        stream: eventsStream(flow.namespace),
        subject: eventSubject(flow.namespace, 'wf1'),
        sequence: 1,
        deliveries: 1,
        headers: { traceparent: ['a-trace'] },
        payload: new TextEncoder().encode('poison'),
        code: 'REFUSED_FOR_A_TEST',
        reason: 'no such thing',
      },
    ]);
  });

  it('is kept after its last delivery failed', async () => {
    const flow = await link().ready();
    const app = await start(flow, async () => {
      throw new TypeError('a bug');
    });

    await publish(flow, 'poison');
    await settled(flow);

    expect(app.deadLetters.kept).toMatchObject([
      { deliveries: 3, code: 'HANDLER_FAILED', reason: 'The handler failed: a bug' },
    ]);
  });

  it('does not reach the handler if it cannot be decoded', async () => {
    const flow = await link().ready();
    const handle = jest.fn<Handle>();
    const app = await start(flow, handle, {
      decode: () => {
        throw new RefusedError('not readable');
      },
    });

    await publish(flow, 'poison');
    await settled(flow);

    expect(handle).not.toHaveBeenCalled();
    expect(app.deadLetters.kept).toMatchObject([{ reason: 'not readable' }]);
  });

  it('does not delay the messages behind it', async () => {
    const flow = await link().ready();
    const done: string[] = [];
    const app = await start(flow, async (text) => {
      if (text === 'poison') throw new RefusedError('no');
      done.push(text);
    });

    await publish(flow, 'poison', 'good');
    await settled(flow);

    expect(done).toEqual(['good']);
    expect(app.deadLetters.kept).toHaveLength(1);
  });

  it('comes again as long as dead letters cannot be kept, and is never lost', async () => {
    const flow = await link().ready();
    const handle = jest.fn<Handle>().mockRejectedValue(new TypeError('a bug'));
    const app = await start(flow, handle);
    app.deadLetters.broken = true;

    await publish(flow, 'poison');
    await until(() => app.failures.some(({ deliveries }) => deliveries > 5));
    app.deadLetters.broken = false;
    await settled(flow);

    expect(app.deadLetters.kept).toMatchObject([{ code: 'DELIVERIES_EXHAUSTED' }]);
    expect(handle).toHaveBeenCalledTimes(3);
  });
});
