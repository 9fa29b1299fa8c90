import { activityIdOf, decodeDispatch } from '@app/events';
import { aDispatch, anEvent, EVENT_LIMITS } from '@app/events/testing';
import { contentDigest, SigningKeys, verifyRequest } from '@app/signing';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';
import { HttpDispatcher } from '../src/dispatch/http-dispatcher.js';
import { describeDispatcher } from '../src/testing/dispatcher.contract.js';

const KEYS = new SigningKeys('a secret of the tests');

interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly payload: Uint8Array;
}

/** An executor's ingress, which remembers what came in. */
class Executor {
  readonly received: Received[] = [];
  answer: (response: ServerResponse) => void = (response) => response.writeHead(202).end();
  port = 0;
  #server = createServer();

  async start(): Promise<this> {
    this.#server = createServer((request, response) => void this.#receive(request, response));
    this.#server.listen(this.port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.port = (this.#server.address() as AddressInfo).port;
    return this;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks = (await request.toArray()) as Uint8Array[];
    const { method = '', url: path = '', headers } = request;
    this.received.push({ method, path, headers, payload: Buffer.concat(chunks) });
    this.answer(response);
  }
}

const inFlightMax = 64;
const inFlightBytesMax = 1_048_576;

function dispatcherTo(executorUrl: string, timeoutMs = 5_000): HttpDispatcher {
  return new HttpDispatcher({
    executorUrl,
    keys: KEYS,
    connectionsMax: 8,
    inFlightMax,
    inFlightBytesMax,
    timeoutMs,
  });
}

describeDispatcher(HttpDispatcher.name, async () => {
  const executor = await new Executor().start();
  const dispatcher = dispatcherTo(executor.url);
  let there = true;
  return {
    dispatcher,
    inFlightMax,
    inFlightBytesMax,
    dispatched: async () =>
      executor.received
        .filter(({ path }) => path === '/internal/workflow/event')
        .map(({ payload }) => {
          const { id, source } = JSON.parse(payload.toString()) as { id: string; source: string };
          return activityIdOf('wf1', source, id);
        }),
    notified: async () =>
      executor.received.flatMap(({ path }) => /activity\/(.*)\/wake$/.exec(path)?.slice(1) ?? []),
    takeAway: async () => {
      there = false;
      await executor.stop();
    },
    bringBack: async () => {
      there = true;
      await executor.start();
    },
    close: async () => {
      await dispatcher.close();
      if (there) await executor.stop();
    },
  };
});

describe(HttpDispatcher.name, () => {
  let executor: Executor;
  let dispatcher: HttpDispatcher;

  beforeEach(async () => {
    executor = await new Executor().start();
    dispatcher = dispatcherTo(`${executor.url}/base/`, 30_000);
  });

  afterEach(async () => {
    await executor.stop();
    await dispatcher.close();
  });

  it('sends a signed dispatch in a signed request, and never the secret', async () => {
    await dispatcher.dispatch(aDispatch());

    const [request] = executor.received;
    expect(request).toMatchObject({
      method: 'PUT',
      path: '/base/internal/workflow/event',
    });
    expect(request?.headers).not.toHaveProperty('authorization');
    if (!request) return;
    // A proxy has taken the base path away.
    const head = { ...request, path: '/internal/workflow/event' };
    expect(verifyRequest(KEYS, head, Date.now(), 60_000)).toEqual({
      kind: 'signed',
      digest: contentDigest(request.payload),
    });
    expect(decodeDispatch(request, KEYS, EVENT_LIMITS)).toEqual({
      kind: 'signed',
      dispatch: aDispatch(),
    });
  });

  it('notifies an activity by its id, whatever is in it', async () => {
    await dispatcher.notify('a/../b');

    expect(executor.received[0]).toMatchObject({
      method: 'PUT',
      path: '/base/internal/activity/a%2F..%2Fb/wake',
    });
  });

  it.each([401, 404, 503, 301])('fails when the executor answers %i', async (status) => {
    executor.answer = (response) => response.writeHead(status, { location: '/' }).end('no');

    await expect(dispatcher.dispatch(aDispatch())).rejects.toThrow(`answered ${status}`);
  });

  it('fails when the executor does not answer', async () => {
    executor.answer = () => undefined;
    const impatient = dispatcherTo(executor.url, 300);

    await expect(impatient.dispatch(aDispatch())).rejects.toMatchObject({
      code: 'DISPATCH_FAILED',
    });
    await impatient.close();
  });

  it('has room again after requests that failed', async () => {
    executor.answer = (response) => response.writeHead(503).end();
    const dispatches = Array.from({ length: inFlightMax }, (_, n) =>
      aDispatch({ event: anEvent({ id: `e${n}` }) }),
    );
    await Promise.allSettled(dispatches.map((dispatch) => dispatcher.dispatch(dispatch)));
    executor.answer = (response) => response.writeHead(202).end();

    await expect(dispatcher.dispatch(aDispatch())).resolves.toBeUndefined();
  });
});
