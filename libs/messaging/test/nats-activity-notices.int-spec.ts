import { activityNoticeSubject } from '../src/topology/names.js';
import { SigningKeys } from '@app/signing';
import { NatsActivityNotices } from '../src/notices/activity-notices.js';
import { FlowNats } from './flow-nats.js';
import { until } from '@app/errors/testing';

describe(NatsActivityNotices.name, () => {
  let flow: FlowNats;
  let notices: NatsActivityNotices;

  beforeEach(() => {
    flow = new FlowNats();
    const keys = new SigningKeys('a secret of the tests');
    const signed = { namespace: flow.namespace, keys, ageMsMax: 60_000 };
    notices = new NatsActivityNotices(flow.link, signed);
  });

  afterEach(async () => {
    await flow.close();
  });

  it('delivers each notice to the subscribers of its activity alone', async () => {
    const [all, some]: [string[], string[]] = [[], []];
    notices.subscribe((id) => all.push(id));
    await flow.ready();
    notices.subscribe(
      (id) => some.push(id),
      (id) => id === 'a2',
    );

    for (const id of ['a1', 'a2', 'last']) notices.notify(id);

    await until(() => all.includes('last'));
    expect([all, some]).toEqual([['a1', 'a2', 'last'], ['a2']]);
  });

  it('ignores notices without a valid signature', async () => {
    const seen: string[] = [];
    await flow.ready();
    notices.subscribe((id) => seen.push(id));

    flow.link.connection.publish(activityNoticeSubject(flow.namespace, 'forged'));
    notices.notify('last');

    await until(() => seen.length > 0);
    expect(seen).toEqual(['last']);
  });

  it('reports that no notice is sent while the link is down, and does not fail', () => {
    expect(notices.available).toBe(false);
    expect(() => {
      notices.notify('a1');
    }).not.toThrow();
  });
});
