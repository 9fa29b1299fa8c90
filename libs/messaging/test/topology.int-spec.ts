import { type JetStreamManager, RetentionPolicy, StorageType } from '@nats-io/jetstream';
import { eventsStream, signalsStream } from '@app/events';
import { TopologyMismatchError } from '../src/errors.js';
import { EXECUTOR_CONSUMER, flowTopology } from '../src/topology/flow-topology.js';
import { reconcileTopology } from '../src/topology/reconcile-topology.js';
import { type Topology } from '../src/topology/topology.js';
import { FlowNats, topologySettings } from './flow-nats.js';
import { until } from './until.js';

describe(reconcileTopology.name, () => {
  let flow: FlowNats;
  let manager: JetStreamManager;
  let events: string;
  let declared: (settings?: Parameters<typeof topologySettings>[1]) => Topology;

  /** A namespace in which nothing is declared to the keeper, so that the test alone reconciles. */
  beforeEach(async () => {
    flow = await new FlowNats().ready();
    manager = await flow.manager();
    const namespace = `${flow.namespace}-own`;
    events = eventsStream(namespace);
    declared = (settings) => flowTopology(topologySettings(namespace, settings));
  });

  afterEach(async () => {
    await flow.close();
  });

  it('creates what is missing, and then finds nothing to do', async () => {
    const first = await reconcileTopology(manager, declared());
    const second = await reconcileTopology(manager, declared());

    const signals = signalsStream(`${flow.namespace}-own`);
    expect(first.map(({ what }) => what)).toEqual([
      `stream ${events}`,
      `consumer ${events}/${EXECUTOR_CONSUMER}`,
      `stream ${signals}`,
      `consumer ${signals}/${EXECUTOR_CONSUMER}`,
    ]);
    expect(second).toEqual([]);
  });

  it('lets several processes do it at once', async () => {
    const attempts = Array.from({ length: 4 }, () => reconcileTopology(manager, declared()));

    await expect(Promise.all(attempts)).resolves.toHaveLength(4);
  });

  it('updates what differs, and keeps the messages', async () => {
    await reconcileTopology(manager, declared());
    await flow.link.connection.request(`${flow.namespace}-own.event.wf1`, 'kept');

    const changes = await reconcileTopology(
      manager,
      declared({ duplicateWindowMs: 30_000, ackWaitMs: 9_000 }),
    );

    expect(changes).toContainEqual({
      what: `stream ${events}`,
      differences: ['duplicate_window is 60000000000, not 30000000000'],
    });
    expect(changes).toContainEqual({
      what: `consumer ${events}/${EXECUTOR_CONSUMER}`,
      differences: ['ack_wait is 1500000000, not 9000000000'],
    });
    const { state, config } = await manager.streams.info(events);
    expect(state.messages).toBe(1);
    expect(config.duplicate_window).toBe(30_000_000_000);
  });

  it.each([
    ['storage', { storage: StorageType.Memory }],
    ['retention', { retention: RetentionPolicy.Limits }],
  ])('says what to do when the %s is different, and changes nothing', async (field, config) => {
    await manager.streams.add({
      name: events,
      subjects: [`${flow.namespace}-own.event.*`],
      ...config,
    });

    const failure: unknown = await reconcileTopology(manager, declared()).catch((e: unknown) => e);

    expect(failure).toBeInstanceOf(TopologyMismatchError);
    expect(String(failure)).toMatch(new RegExp(`${events}.*${field} is .*delete it`));
    expect((await manager.streams.info(events)).config).toMatchObject(config);
  });

  it('says so when the server can not have as many replicas', async () => {
    await expect(reconcileTopology(manager, declared({ replicas: 3 }))).rejects.toThrow(
      /it is missing.*replicas/,
    );
  });
});

describe('the keeper of the topology', () => {
  it('creates everything at the first connection, unasked', async () => {
    const flow = new FlowNats();
    await until(() => flow.link.available);

    const manager = await flow.manager();
    await until(() =>
      manager.consumers.info(signalsStream(flow.namespace), EXECUTOR_CONSUMER).then(
        () => true,
        () => false,
      ),
    );

    await flow.close();
  });

  it('creates anew what was deleted', async () => {
    const flow = await new FlowNats().ready();
    const { streams } = await flow.manager();
    await streams.delete(eventsStream(flow.namespace));

    await flow.topology.reconcile();

    await expect(streams.info(eventsStream(flow.namespace))).resolves.toBeDefined();
    await flow.close();
  });

  it('tells of a failure that nobody waits for', async () => {
    const flow = new FlowNats(undefined, { replicas: 3 });

    await until(() => flow.failures.length > 0);

    expect(flow.failures[0]).toBeInstanceOf(TopologyMismatchError);
    await flow.close();
  });
});
