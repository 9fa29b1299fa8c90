import { headers, type Msg, type MsgCallback, type NatsConnection } from '@nats-io/transport-node';
import { setImmediate as turn } from 'node:timers/promises';
import { StoredPublisher } from './stored-publisher.js';

describe(StoredPublisher.name, () => {
  let subscriptions: string[];
  let sent: string[];
  let hear: MsgCallback<Msg>;
  let publisher: StoredPublisher;

  beforeEach(() => {
    [subscriptions, sent] = [[], []];
    const connection = {
      subscribe: (subject: string, { callback }: { callback: MsgCallback<Msg> }) => {
        subscriptions.push(subject);
        hear = callback;
        return { isClosed: () => false };
      },
      publish: (_subject: string, _payload: string, { reply }: { reply: string }) => {
        sent.push(reply);
      },
    } as unknown as NatsConnection;
    publisher = new StoredPublisher(connection, 'inbox', 60_000);
  });

  afterEach(() => {
    publisher.close();
  });

  const publish = (): Promise<void> => publisher.publish('flow.answer.q.default', '{}', headers());

  function answer(subject: string, body: object, code = 0): void {
    void hear(null, { subject, json: () => body, headers: { code } } as unknown as Msg);
  }

  it('has one subscription for all messages, and sends those of one turn together', async () => {
    const all = Promise.all([publish(), publish(), publish()]);
    expect(sent).toEqual([]);
    await turn();
    expect(sent).toHaveLength(3);
    for (const reply of sent) answer(reply, { stream: 'FLOW_ANSWERS', seq: 1 });

    await all;
    expect(subscriptions).toEqual(['inbox.*']);
  });

  it.each([
    ['JetStream refuses it', { error: { description: 'no room' } }, 0, 'no room'],
    ['there is no stream', {}, 503, 'no stream'],
  ])('rejects only the message in question when %s', async (_when, body, code, why) => {
    const [first, second] = [publish(), publish()];
    await turn();
    const [one = '', two = ''] = sent;
    answer(two, { seq: 1 });
    answer(one, body, code);

    await expect(first).rejects.toThrow(why);
    await second;
  });

  it('rejects the messages in flight and those not yet sent in `rejectAll`', async () => {
    const first = publish();
    await turn();
    const second = publish();
    publisher.rejectAll(new Error('refused'));

    await expect(first).rejects.toThrow('refused');
    await expect(second).rejects.toThrow('refused');
    await turn();
    expect(sent).toHaveLength(1);
  });
});
