import { workflowChangedSubject } from '../src/topology/names.js';
import { SigningKeys } from '@app/signing';
import { NatsWorkflowChanges, NoWorkflowChanges } from '../src/notices/workflow-changes.js';
import { FlowNats } from './flow-nats.js';
import { until } from '@app/errors/testing';

describe(NatsWorkflowChanges.name, () => {
  let flow: FlowNats;
  let changes: NatsWorkflowChanges;

  const changesOf = (keys: SigningKeys): NatsWorkflowChanges =>
    new NatsWorkflowChanges(flow.link, { namespace: flow.namespace, keys, ageMsMax: 60_000 });

  beforeEach(() => {
    flow = new FlowNats();
    changes = changesOf(new SigningKeys('a secret of the tests'));
  });

  afterEach(async () => {
    await flow.close();
  });

  it('notifies every subscriber, also one that came before the connection', async () => {
    const [early, late]: [unknown[], unknown[]] = [[], []];
    changes.subscribe((...told) => early.push(told));
    await flow.ready();
    changes.subscribe((...told) => late.push(told));

    changes.publish('wf1', 7);
    changes.publish('gone');

    await until(() => early.length > 1 && late.length > 1);
    const told = [
      ['wf1', 7],
      ['gone', undefined],
    ];
    expect([early, late]).toEqual([told, told]);
  });

  it('does not notify an ended subscription', async () => {
    await flow.ready();
    const [ended, others]: [string[], string[]] = [[], []];
    const end = changes.subscribe((id) => ended.push(id));
    changes.subscribe((id) => others.push(id));

    end();
    changes.publish('wf1');

    await until(() => others.length > 0);
    expect(ended).toEqual([]);
  });

  it('notifies once of each change, also after a reconnect', async () => {
    await flow.ready();
    const seen: string[] = [];
    changes.subscribe((id) => seen.push(id));
    await flow.link.connection.reconnect();
    await flow.gone();
    await flow.ready();

    changes.publish('wf1');
    changes.publish('the-last');

    await until(() => seen.includes('the-last'));
    expect(seen).toEqual(['wf1', 'the-last']);
  });

  it('does not fail when the connection is being closed', async () => {
    await flow.ready();
    const closing = flow.link.connection.close();

    expect(() => {
      changes.publish('wf1');
    }).not.toThrow();
    await closing;
  });

  it('ignores notices without a valid signature, which could empty the caches', async () => {
    await flow.ready();
    const seen: string[] = [];
    changes.subscribe((id) => seen.push(id));

    flow.link.connection.publish(workflowChangedSubject(flow.namespace, 'unsigned'));
    changesOf(new SigningKeys('another secret')).publish('forged');
    changes.publish('ours');

    await until(() => seen.includes('ours'));
    expect(seen).toEqual(['ours']);
  });

  it('sends nothing while the link is down', () => {
    expect(() => {
      changes.publish('wf1');
    }).not.toThrow();
  });
});

describe(NoWorkflowChanges.name, () => {
  it('takes subscriptions and changes without NATS', () => {
    const changes = new NoWorkflowChanges();

    const end = changes.subscribe();
    changes.publish();
    end();
  });
});
