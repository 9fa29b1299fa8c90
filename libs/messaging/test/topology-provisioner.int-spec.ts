import { eventsStream, signalsStream } from '../src/topology/names.js';
import { TopologyMismatchError } from '../src/errors.js';
import { EXECUTOR_CONSUMER } from '../src/topology/flow-topology.js';
import { FlowNats } from './flow-nats.js';
import { OwnNats } from './own-nats.js';
import { until } from '@app/errors/testing';

describe('the topology provisioner', () => {
  it('creates everything at the first connection', async () => {
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

  it('creates deleted streams and consumers again', async () => {
    const flow = await new FlowNats().ready();
    const { streams } = await flow.manager();
    await streams.delete(eventsStream(flow.namespace));

    await flow.topology.reconcile();

    await expect(streams.info(eventsStream(flow.namespace))).resolves.toBeDefined();
    await flow.close();
  });

  it('does not wait for the answer of a server that has gone', async () => {
    const server = await OwnNats.start();
    const flow = await new FlowNats(server.url).ready();
    server.pause();
    flow.topology.reconcileInBackground();
    await server.kill();
    await flow.gone();
    await server.startAgain();
    await until(() => flow.link.available);

    // What nobody answers fails after five seconds.
    await expect(flow.topology.reconcile()).resolves.toBeUndefined();
    await flow.close();
    await server.end();
  });

  it('reports a failure for which no caller waits', async () => {
    const flow = new FlowNats(undefined, { replicas: 3 });

    await until(() => flow.failures.length > 0);

    expect(flow.failures[0]).toBeInstanceOf(TopologyMismatchError);
    await flow.close();
  });
});
