import { jest } from '@jest/globals';
import { until } from '@app/errors/testing';
import { decodeDispatchBatch, type Dispatch } from '@app/events';
import { aDispatch, anEvent } from '@app/events/testing';
import { SigningKeys } from '@app/signing';
import { JetStreamDispatcher } from '../src/dispatch/jetstream-dispatcher.js';
import { batchesStream, dispatchesStream } from '../src/topology/names.js';
import { ConsumingApp } from './consuming-app.js';
import { batchesLink, closeAll, opening } from './consuming.js';
import { FlowNats } from './flow-nats.js';
import { OwnNats } from './own-nats.js';

jest.setTimeout(60_000);

const KEYS = new SigningKeys('a secret of the tests');

afterEach(closeAll);

describe(JetStreamDispatcher.name, () => {
  const EACH = 150;

  function dispatcherOver(flow: FlowNats): JetStreamDispatcher {
    const dispatcher = new JetStreamDispatcher(flow.link, {
      namespace: flow.namespace,
      keys: KEYS,
      inFlightMax: 1_000,
      inFlightBytesMax: 16 * 1_048_576,
      ackTimeoutMs: 5_000,
      onNoStream: () => undefined,
    });
    opening(dispatcher);
    return dispatcher;
  }

  let sent = 0;

  /** So many in one turn; the ids that were sent. */
  async function dispatchTogether(
    dispatcher: JetStreamDispatcher,
    of: (n: number) => Partial<Dispatch> = () => ({}),
    count = EACH,
  ): Promise<readonly string[]> {
    const dispatches = Array.from({ length: count }, (_, n) =>
      aDispatch({ event: anEvent({ id: `e${(sent += 1)}` }), ...of(n) }),
    );
    await Promise.all(dispatches.map((dispatch) => dispatcher.dispatch(dispatch)));
    return dispatches.map(({ event }) => event.id);
  }

  /** An executor that takes batches, and keeps them in hand. */
  async function takeBatches(flow: FlowNats): Promise<string[]> {
    const taken: string[] = [];
    const app = new ConsumingApp(
      flow,
      async (ids) => {
        taken.push(...ids.split(' '));
      },
      {
        stream: batchesStream(flow.namespace),
        messagesInFlightMax: 10,
        decode: (message) =>
          decodeDispatchBatch(message, KEYS)
            .map((one) => one.read().event.id)
            .join(' '),
      },
    );
    opening(await app.start());
    return taken;
  }

  /** Sends until the dispatcher has found out that somebody takes batches; the ids of what went alone before. */
  async function untilTogether(
    dispatcher: JetStreamDispatcher,
    taken: readonly string[],
  ): Promise<void> {
    await until(async () => {
      await dispatchTogether(dispatcher, () => ({}), 2);
      return taken.length > 0;
    });
  }

  const alone = async (flow: FlowNats): Promise<readonly string[]> =>
    (await flow.stored(dispatchesStream(flow.namespace))).map(
      ({ payload }) => (JSON.parse(payload) as { id: string }).id,
    );

  it('sends one by one as long as nobody takes batches, or there is no stream for them', async () => {
    const flow = await batchesLink();
    const dispatcher = dispatcherOver(flow);
    const first = await dispatchTogether(dispatcher);
    // Two round trips later it knows that nobody asks.
    await flow.link.connection.flush();
    await flow.link.connection.flush();
    const second = await dispatchTogether(dispatcher);

    expect(await alone(flow)).toEqual([...first, ...second]);
    expect(await flow.stored(batchesStream(flow.namespace))).toEqual([]);
  });

  it('sends what comes in one turn together, once somebody takes that, and each once', async () => {
    const flow = await batchesLink();
    const taken = await takeBatches(flow);
    const dispatcher = dispatcherOver(flow);
    await untilTogether(dispatcher, taken);
    // A process that stood still for long asks again first, and sends one by one until then.
    await until(async () => {
      const [ids, before] = [await dispatchTogether(dispatcher), await alone(flow)];
      if (ids.some((id) => before.includes(id))) return false;
      await until(() => ids.every((id) => taken.includes(id)));
      expect(taken.filter((id) => ids.includes(id))).toHaveLength(EACH);
      return true;
    });
  });

  it('sends alone what is large, has a request, is not recorded, or came alone', async () => {
    const flow = await batchesLink();
    const taken = await takeBatches(flow);
    const dispatcher = dispatcherOver(flow);
    await untilTogether(dispatcher, taken);
    const before = await alone(flow);

    const large = { kind: 'text', text: 'x'.repeat(20_000) } as const;
    const request = { query: {}, headers: {} };
    const [one] = await dispatchTogether(dispatcher, () => ({}), 1);
    const two = await dispatchTogether(
      dispatcher,
      (n) =>
        n % 2 === 0
          ? { event: anEvent({ id: `large${n}`, data: large }) }
          : { event: anEvent({ id: `request${n}` }), request },
      4,
    );
    await dispatchTogether(dispatcher, () => ({ recorded: false }), 2);

    expect((await alone(flow)).slice(before.length).toSorted()).toEqual([one, ...two].toSorted());
  });

  it('sends one by one what the stream of batches does not take, and nothing is refused', async () => {
    const flow = await batchesLink();
    const taken = await takeBatches(flow);
    const dispatcher = dispatcherOver(flow);
    await untilTogether(dispatcher, taken);
    const { streams } = await flow.manager();
    await streams.delete(batchesStream(flow.namespace));

    const ids = await dispatchTogether(dispatcher);

    expect((await alone(flow)).filter((id) => ids.includes(id)).toSorted()).toEqual(ids.toSorted());
  });

  it('sends one by one where NATS allows it no batches, and tries no more', async () => {
    const permissions = { publish: { deny: ['*.batch'] } };
    const users = [{ user: 'listener', password: 'listener', permissions }];
    const nats = await OwnNats.start({ authorization: { users }, no_auth_user: 'listener' });
    opening({ close: () => nats.end() });
    const flow = await new FlowNats(nats.url, { batches: true }).ready();
    opening(flow);
    await takeBatches(flow);
    const dispatcher = dispatcherOver(flow);
    let refusals = 0;
    flow.link.onForbidden(() => (refusals += 1));
    const ids: string[] = [];
    await until(async () => {
      ids.push(...(await dispatchTogether(dispatcher, () => ({}), 2)));
      return refusals > 0;
    });

    const before = refusals;
    ids.push(...(await dispatchTogether(dispatcher)));

    expect((await alone(flow)).toSorted()).toEqual(ids.toSorted());
    expect(refusals).toBe(before);
  });
});
