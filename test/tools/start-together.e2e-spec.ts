import { type RestartableServer } from '../../tools/servers/restartable-server.mjs';
import { startTogether } from '../../tools/servers/start-together.mjs';

/** Says in `stopped` that it was stopped. */
function serverIn(stopped: string[], name: string): RestartableServer {
  const stop = async (): Promise<void> => {
    stopped.push(name);
  };
  return { stop } as unknown as RestartableServer;
}

/** One that is never ready, and fails as a server does when it is given up. */
function never(stop: AbortSignal): Promise<RestartableServer> {
  return new Promise((_resolve, reject) => {
    stop.addEventListener('abort', () => {
      reject(new Error('given up'));
    });
  });
}

describe(startTogether.name, () => {
  let stopped: string[];
  beforeEach(() => (stopped = []));

  it('starts all parts before the first is ready, except those that are not wanted', async () => {
    let begin: () => void = () => undefined;
    const second = new Promise<void>((resolve) => (begin = resolve));
    const [first, other] = [serverIn(stopped, 'first'), serverIn(stopped, 'other')];

    const started = await startTogether([
      async () => {
        // Ready only once the other has begun: one after the other would never end.
        await second;
        return first;
      },
      async () => {
        begin();
        return other;
      },
      async () => undefined,
    ]);

    expect(started).toEqual([first, other, undefined]);
    expect(stopped).toEqual([]);
  });

  it('after a failure stops what is ready, aborts the rest, and throws the first error', async () => {
    const failure = new Error('no port');

    const starting = startTogether([
      async () => serverIn(stopped, 'ready'),
      never,
      async () => {
        throw failure;
      },
    ]);

    await expect(starting).rejects.toBe(failure);
    expect(stopped).toEqual(['ready']);
  });

  it('aborts all when its signal is aborted', async () => {
    const stop = new AbortController();

    const starting = startTogether([async () => serverIn(stopped, 'ready'), never], stop.signal);
    stop.abort();

    await expect(starting).rejects.toThrow('given up');
    expect(stopped).toEqual(['ready']);
  });
});
