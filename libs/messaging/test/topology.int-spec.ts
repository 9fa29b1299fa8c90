import { type JetStreamManager, RetentionPolicy, StorageType } from '@nats-io/jetstream';
import {
  dispatchesStream,
  eventsStream,
  signalsStream,
  tasksStream,
} from '../src/topology/names.js';
import { StreamStorageInsufficientError, TopologyMismatchError } from '../src/errors.js';
import { EXECUTOR_CONSUMER, flowTopology } from '../src/topology/flow-topology.js';
import { reconcileTopology } from '../src/topology/reconcile-topology.js';
import { type StreamDeclaration, type Topology } from '../src/topology/topology.js';
import { FlowNats, topologySettings } from './flow-nats.js';

/** A stream that syncs each message, on a disk that others use. */
const PATIENTLY = { timeout: 30_000 };

function taskStreamOf(topology: Topology): StreamDeclaration['config'] {
  const found = topology.find(({ config }) => config.name.endsWith('_TASKS'));
  if (found === undefined) throw new Error('No stream of tasks is declared');
  return found.config;
}

describe(reconcileTopology.name, () => {
  let flow: FlowNats;
  let manager: JetStreamManager;
  let events: string;
  let declared: (settings?: Parameters<typeof topologySettings>[1]) => Topology;

  /** A namespace in which nothing is declared to the provisioner, so that the test alone reconciles. */
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

    const own = `${flow.namespace}-own`;
    const streams = [signalsStream(own), dispatchesStream(own), events];
    expect(first.map(({ what }) => what)).toEqual(
      streams.flatMap((name) => [`stream ${name}`, `consumer ${name}/${EXECUTOR_CONSUMER}`]),
    );
    expect(new Set(first.map(({ change }) => change))).toEqual(new Set(['created']));
    expect(second).toEqual([]);
  });

  it('lets several processes do it at once', async () => {
    const attempts = Array.from({ length: 4 }, () => reconcileTopology(manager, declared()));

    await expect(Promise.all(attempts)).resolves.toHaveLength(4);
  });

  it('updates what differs, and keeps the messages', async () => {
    await reconcileTopology(manager, declared());
    await flow.link.connection.request(`${flow.namespace}-own.event.wf1`, 'kept', PATIENTLY);

    const changes = await reconcileTopology(
      manager,
      declared({ duplicateWindowMs: 30_000, ackWaitMs: 9_000 }),
    );

    expect(changes).toContainEqual({
      what: `stream ${events}`,
      change: 'updated',
      differences: ['duplicate_window is 60000000000, not 30000000000'],
    });
    expect(changes).toContainEqual({
      what: `consumer ${events}/${EXECUTOR_CONSUMER}`,
      change: 'updated',
      differences: ['ack_wait is 1500000000, not 9000000000'],
    });
    const { state, config } = await manager.streams.info(events);
    expect(state.messages).toBe(1);
    expect(config.duplicate_window).toBe(30_000_000_000);
  });

  it.each([
    ['storage', { storage: StorageType.Memory }],
    ['retention', { retention: RetentionPolicy.Limits }],
  ])(
    'says what to do when the %s of a stream with messages is different',
    async (field, config) => {
      await manager.streams.add({
        name: events,
        subjects: [`${flow.namespace}-own.event.*`],
        ...config,
      });
      await flow.link.connection.request(
        `${flow.namespace}-own.event.wf1`,
        'the only copy',
        PATIENTLY,
      );

      const failure: unknown = await reconcileTopology(manager, declared()).catch(
        (e: unknown) => e,
      );

      expect(failure).toBeInstanceOf(TopologyMismatchError);
      expect(String(failure)).toMatch(new RegExp(`${events}.*${field} is .*Do not delete`));
      const { config: kept, state } = await manager.streams.info(events);
      expect(kept).toMatchObject(config);
      expect(state.messages).toBe(1);
    },
  );

  it('says that there is no room when a stream may not have what it is to have', async () => {
    const maxBytes = 2 * 1024 ** 5;
    const topology = flowTopology(topologySettings(flow.namespace, { maxBytes }));

    const failure: unknown = await reconcileTopology(manager, topology).catch((e: unknown) => e);

    expect(failure).toBeInstanceOf(StreamStorageInsufficientError);
    expect(String(failure)).toMatch(/no room for stream .*insufficient storage.*max_file_store/);
  });

  it.each([
    ['storage', { storage: StorageType.Memory }],
    ['retention', { retention: RetentionPolicy.Limits }],
  ])('makes an empty stream anew when its %s is different', async (_field, config) => {
    const subject = `${flow.namespace}-own.event.wf1`;
    await manager.streams.add({ name: events, subjects: [subject], ...config });

    const changes = await reconcileTopology(manager, declared());

    const ofEvents = changes.find(({ what }) => what === `stream ${events}`);
    expect(ofEvents?.change).toBe('recreated');
    expect(await reconcileTopology(manager, declared())).toEqual([]);
    await flow.link.connection.request(subject, 'taken', PATIENTLY);
    expect((await manager.streams.info(events)).state.messages).toBe(1);
  });

  it.each([
    ['a limit of messages', { max_msgs: 1 }],
    ['a limit of bytes a message', { max_msg_size: 1 }],
    ['a limit of messages a workflow', { max_msgs_per_subject: 1 }],
    ['no acknowledgements', { no_ack: true }],
    ['a transformation of subjects', { subject_transform: { src: '>', dest: 'gone.>' } }],
    ['a copy to another subject', { republish: { src: '>', dest: 'copy.>' } }],
  ])('takes %s back that an operator has set on a stream', async (_what, set) => {
    await reconcileTopology(manager, declared());
    await manager.streams.update(events, set);

    const [change, ...others] = await reconcileTopology(manager, declared());

    expect(change).toMatchObject({ what: `stream ${events}`, change: 'updated' });
    expect(others).toEqual([]);
    expect(await reconcileTopology(manager, declared())).toEqual([]);
  });

  it('adds missing settings to a stream of tasks of an earlier release, and keeps its tasks', async () => {
    const tasks = tasksStream(`${flow.namespace}-own`);
    await manager.streams.add({ ...taskStreamOf(declared({ workers: true })), max_consumers: -1 });
    await flow.link.connection.request(`${flow.namespace}-own.task.a.default.one`, 'waits');

    const changes = await reconcileTopology(manager, declared({ workers: true }));
    expect(changes).toContainEqual({
      what: `stream ${tasks}`,
      change: 'updated',
      differences: ['max_consumers is -1, not 10000'],
    });
    expect((await manager.streams.info(tasks)).state.messages).toBe(1);
  });

  it('uses a stream of tasks that cannot be changed until it is empty, and creates it anew then', async () => {
    const tasks = tasksStream(`${flow.namespace}-own`);
    const { persist_mode: _file, ...older } = taskStreamOf(declared({ workers: true }));
    await manager.streams.add({ ...older, storage: StorageType.Memory });
    await flow.link.connection.request(`${flow.namespace}-own.task.a.default.one`, 'waits');

    const first = await reconcileTopology(manager, declared({ workers: true }));
    expect(first.find(({ what }) => what === `stream ${tasks}`)?.change).toBe('postponed');
    await flow.link.connection.request(`${flow.namespace}-own.task.a.default.two`, 'is taken');
    expect((await manager.streams.info(tasks)).state.messages).toBe(2);

    await manager.streams.purge(tasks);
    const second = await reconcileTopology(manager, declared({ workers: true }));
    expect(second.find(({ what }) => what === `stream ${tasks}`)?.change).toBe('recreated');
    expect(await reconcileTopology(manager, declared({ workers: true }))).toEqual([]);
  });

  it('leaves settings alone that stop no message', async () => {
    await reconcileTopology(manager, declared());
    await manager.streams.update(events, { description: 'ours', compression: 's2' });

    expect(await reconcileTopology(manager, declared())).toEqual([]);
    expect((await manager.streams.info(events)).config.description).toBe('ours');
  });

  it.each([
    ['a filter', { filter_subject: 'nothing.of.ours' }],
    ['a bound of deliveries', { max_deliver: 1 }],
    ['an end when nobody asks', { inactive_threshold: 3_600_000_000_000 }],
    ['headers only', { headers_only: true }],
    ['a bound of a pull', { max_batch: 1 }],
    ['a pause', { pause_until: new Date(Date.now() + 3_600_000).toISOString() }],
  ])('makes a consumer anew that an operator has given %s', async (_what, set) => {
    await reconcileTopology(manager, declared());
    await manager.consumers.delete(events, EXECUTOR_CONSUMER);
    const own = declared().find(({ config }) => config.name === events)?.consumers[0]?.config;
    const added = { ...own, durable_name: EXECUTOR_CONSUMER, ...set };
    await manager.consumers.add(events, added);

    const [change, ...others] = await reconcileTopology(manager, declared());

    expect(change).toMatchObject({ change: 'recreated' });
    expect(others).toEqual([]);
    expect(await reconcileTopology(manager, declared())).toEqual([]);
  });

  it('writes hints without waiting for the disk, and what may be the only copy as ever', async () => {
    await reconcileTopology(manager, declared());

    const own = `${flow.namespace}-own`;
    const modes = await Promise.all(
      [signalsStream(own), dispatchesStream(own), events].map(
        async (name) => (await manager.streams.info(name)).config.persist_mode,
      ),
    );
    expect(modes).toEqual(['async', 'async', undefined]);
  });

  describe('a stream of hints that the server refuses to change', () => {
    let dispatches: string;
    let subject: string;

    /** As a server before 2.12 has made it. */
    beforeEach(async () => {
      await reconcileTopology(manager, declared());
      dispatches = dispatchesStream(`${flow.namespace}-own`);
      subject = `${flow.namespace}-own.dispatch.wf1`;
      await manager.streams.delete(dispatches);
      const was = declared().find(({ config }) => config.name === dispatches)?.config;
      const { persist_mode: _mode, ...config } = { name: dispatches, ...was };
      await manager.streams.add(config);
      await flow.link.connection.request(subject, 'a hint', PATIENTLY);
    });

    it('is used as it is while it holds something', async () => {
      const changes = await reconcileTopology(manager, declared());

      expect(changes).toMatchObject([
        { what: `stream ${dispatches}`, change: 'postponed' },
        { what: `consumer ${dispatches}/${EXECUTOR_CONSUMER}`, change: 'created' },
      ]);
      await flow.link.connection.request(subject, 'another', PATIENTLY);
      expect((await manager.streams.info(dispatches)).state.messages).toBe(2);
    });

    it('takes messages again if the process that replaced it died in between', async () => {
      await manager.streams.update(dispatches, { subjects: [`put-aside.${dispatches}`] });

      await reconcileTopology(manager, declared());

      await flow.link.connection.request(subject, 'another', PATIENTLY);
      expect((await manager.streams.info(dispatches)).state.messages).toBe(2);
    });

    it('is made anew when it is empty', async () => {
      await manager.streams.purge(dispatches);

      const [change] = await reconcileTopology(manager, declared());

      expect(change).toMatchObject({ what: `stream ${dispatches}`, change: 'recreated' });
      const { config } = await manager.streams.info(dispatches);
      expect(config).toMatchObject({
        persist_mode: 'async',
        subjects: declared()[1]?.config.subjects,
      });
    });
  });

  it('says so when the server cannot have as many replicas', async () => {
    await expect(reconcileTopology(manager, declared({ replicas: 3 }))).rejects.toThrow(
      /it is missing.*replicas/,
    );
  });
});
