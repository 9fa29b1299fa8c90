import { jest } from '@jest/globals';
import { activityIdOf, encodeDispatch } from '@app/events';
import {
  dispatchesStream,
  dispatchSubject,
  eventsStream,
  eventSubject,
  signalsStream,
} from '../src/topology/names.js';
import { aDispatch, anEvent, jsonData } from '@app/events/testing';
import { SigningKeys } from '@app/signing';
import { JetStreamDispatcher } from '../src/dispatch/jetstream-dispatcher.js';
import { DispatchFailedError, DispatchTooLargeError } from '../src/errors.js';
import { describeDispatcher } from '../src/testing/dispatcher.contract.js';
import { FlowNats } from './flow-nats.js';
import { OwnNats } from './own-nats.js';

jest.setTimeout(60_000);

const inFlightMax = 64;
const inFlightBytesMax = 1_048_576;

function dispatcherOver(
  flow: FlowNats,
  onNoStream: () => void = () => undefined,
  bytesMax = Infinity,
) {
  return new JetStreamDispatcher(flow.link, {
    namespace: flow.namespace,
    keys: new SigningKeys('a secret of the tests'),
    inFlightMax,
    inFlightBytesMax: bytesMax,
    ackTimeoutMs: 5_000,
    onNoStream,
  });
}

describeDispatcher(JetStreamDispatcher.name, async () => {
  const nats = await OwnNats.start();
  const flow = await new FlowNats(nats.url).ready();
  const dispatcher = dispatcherOver(flow, undefined, inFlightBytesMax);
  return {
    dispatcher,
    inFlightMax,
    inFlightBytesMax,
    dispatched: async () => {
      const messages = await flow.stored(dispatchesStream(flow.namespace));
      return messages.map(({ payload }) => {
        const { id, source } = JSON.parse(payload) as { id: string; source: string };
        return activityIdOf('wf1', source, id);
      });
    },
    notified: async () => {
      const messages = await flow.stored(signalsStream(flow.namespace));
      return messages.map(({ subject }) => subject.split('.').at(-1) ?? '');
    },
    takeAway: async () => {
      await nats.stop();
      await flow.gone();
    },
    bringBack: async () => {
      await nats.startAgain();
      await flow.ready();
    },
    close: async () => {
      dispatcher.close();
      await flow.close();
      await nats.end();
    },
  };
});

describe(JetStreamDispatcher.name, () => {
  const opened: { close(): unknown }[] = [];

  async function start(settings = {}, onNoStream?: () => void) {
    const flow = await new FlowNats(undefined, settings).ready();
    const dispatcher = dispatcherOver(flow, onNoStream);
    opened.push(dispatcher, flow);
    return { flow, dispatcher, stream: dispatchesStream(flow.namespace) };
  }

  afterEach(async () => {
    for (const one of opened.splice(0)) await one.close();
  });

  it('leaves it to executors to find what is recorded begun: the server keeps no table of ids', async () => {
    const { flow, dispatcher, stream } = await start();

    await dispatcher.dispatch(aDispatch());
    await dispatcher.dispatch(aDispatch());

    expect(await flow.stored(stream)).toHaveLength(2);
  });

  it('stores each dispatch of what is not recorded: the second may be another event', async () => {
    const { flow, dispatcher } = await start();

    await dispatcher.dispatch(aDispatch({ recorded: false }));
    await dispatcher.dispatch(aDispatch({ recorded: false }));

    expect(await flow.stored(eventsStream(flow.namespace))).toHaveLength(2);
  });

  it('publishes on the subject of the workflow', async () => {
    const { flow, dispatcher, stream } = await start();

    await dispatcher.dispatch(aDispatch({ workflowId: 'wf7' }));

    const [message] = await flow.stored(stream);
    expect(message?.subject).toBe(dispatchSubject(flow.namespace, 'wf7'));
  });

  it('keeps what is not recorded in the stream that is on the disk before the answer', async () => {
    const { flow, dispatcher, stream } = await start();

    await dispatcher.dispatch(aDispatch({ workflowId: 'wf7', recorded: false }));

    const [message] = await flow.stored(eventsStream(flow.namespace));
    expect(message?.subject).toBe(eventSubject(flow.namespace, 'wf7'));
    expect(await flow.stored(stream)).toEqual([]);
  });

  it('fails when JetStream refuses the message, and stores others on', async () => {
    const { flow, dispatcher, stream } = await start({ maxBytes: 4_096 });
    const large = aDispatch({ event: anEvent({ data: jsonData('x'.repeat(5_000)) }) });

    await expect(dispatcher.dispatch(large)).rejects.toThrow(/maximum bytes exceeded/);
    await dispatcher.dispatch(aDispatch({ event: anEvent({ id: 'small' }) }));

    expect(await flow.stored(stream)).toHaveLength(1);
  });

  it('fails on what is larger than the server takes, and hands over what came with it', async () => {
    const { flow, dispatcher, stream } = await start();
    const bytesMax = flow.link.connection.info?.max_payload ?? 0;
    const tooLarge = aDispatch({ event: anEvent({ data: jsonData('x'.repeat(bytesMax)) }) });

    const [refused, taken] = await Promise.allSettled([
      dispatcher.dispatch(tooLarge),
      dispatcher.dispatch(aDispatch({ event: anEvent({ id: 'small' }) })),
    ]);

    expect(refused).toMatchObject({ reason: { code: 'DISPATCH_FAILED', bytesMax } });
    expect(taken.status).toBe('fulfilled');
    expect(await flow.stored(stream)).toHaveLength(1);
  });

  it('counts headers against what the server takes, and keeps its connection', async () => {
    const { flow, dispatcher, stream } = await start();
    const bytesMax = flow.link.connection.info?.max_payload ?? 0;
    const sized = (length: number) =>
      aDispatch({ event: anEvent({ data: jsonData('x'.repeat(length)) }) });
    const rest = encodeDispatch(sized(0), new SigningKeys('secret')).payload.length;

    const refused = dispatcher.dispatch(sized(bytesMax - rest));

    await expect(refused).rejects.toBeInstanceOf(DispatchTooLargeError);
    await expect(refused).rejects.toThrow(`at most ${bytesMax} are accepted`);
    await dispatcher.dispatch(aDispatch({ event: anEvent({ id: 'small' }) }));
    expect(await flow.stored(stream)).toHaveLength(1);
  });

  it('fails at once when no stream takes the subject, and tells', async () => {
    const onNoStream = jest.fn();
    const { flow, dispatcher, stream } = await start({}, onNoStream);
    await (await flow.manager()).streams.delete(stream);

    await expect(dispatcher.dispatch(aDispatch())).rejects.toBeInstanceOf(DispatchFailedError);
    expect(onNoStream).toHaveBeenCalledTimes(1);
  });

  it('fails what is on its way when it is closed', async () => {
    const { dispatcher } = await start();

    const dispatched = dispatcher.dispatch(aDispatch());
    dispatcher.close();

    await expect(dispatched).rejects.toBeInstanceOf(DispatchFailedError);
  });
});

describe('a server that stops answering', () => {
  it('fails what is on its way when the acknowledgement is overdue, and recovers', async () => {
    const nats = await OwnNats.start();
    const flow = await new FlowNats(nats.url).ready();
    const dispatcher = new JetStreamDispatcher(flow.link, {
      namespace: flow.namespace,
      keys: new SigningKeys('a secret of the tests'),
      inFlightMax,
      inFlightBytesMax,
      ackTimeoutMs: 2_000,
      onNoStream: () => undefined,
    });
    await dispatcher.dispatch(aDispatch());
    nats.pause();

    // The system may take a moment to stop the process: what is sent until then is acknowledged.
    const sendUntilOverdue = async (): Promise<never> => {
      for (let id = 0; ; id += 1) {
        await dispatcher.dispatch(aDispatch({ event: anEvent({ id: `overdue-${id}` }) }));
      }
    };
    await expect(sendUntilOverdue()).rejects.toThrow(/no acknowledgement within 2000 ms/);
    nats.resume();
    await dispatcher.dispatch(aDispatch({ event: anEvent({ id: 'after' }) }));

    dispatcher.close();
    await flow.close();
    await nats.end();
  });
});
