import { anEvent, EVENT_LIMITS } from '@app/events/testing';
import { decodeMessage } from '@app/events';
import { EventPublisher } from '../src/dispatch/event-publisher.js';
import { DispatchFailedError, DispatchTooLargeError, NoStreamError } from '../src/errors.js';
import { OutsideSubjects } from '../src/topology/outside-subjects.js';
import { FlowNats } from './flow-nats.js';
import { OwnNats } from './own-nats.js';

function eventsOf({ link, namespace }: FlowNats): EventPublisher {
  return new EventPublisher(link, {
    subjects: new OutsideSubjects(namespace, []),
    ackTimeoutMs: 30_000,
    inFlightMax: 10,
    inFlightBytesMax: 1_000_000,
  });
}

describe(EventPublisher.name, () => {
  let nats: FlowNats;
  let events: EventPublisher;
  let subject: string;

  beforeEach(async () => {
    nats = await new FlowNats().ready();
    subject = `${nats.namespace}.out.orders`;
    events = eventsOf(nats);
  });

  afterEach(async () => {
    events.close();
    await nats.close();
  });

  it.each(['binary', 'structured'] as const)(
    'returns where a stream stored an event in %s mode, and whether it had it before',
    async (mode) => {
      const { streams } = await nats.manager();
      const stream = `${nats.namespace.toUpperCase()}_OUT`;
      await streams.add({ name: stream, subjects: [`${nats.namespace}.out.>`] });
      const event = anEvent();

      const first = await events.store({ subject, event, mode });
      const again = await events.store({ subject, event, mode });

      expect(first).toEqual({ stream, sequence: 1, duplicate: false });
      expect(again).toEqual({ stream, sequence: 1, duplicate: true });
      const message = await streams.getMessage(stream, { seq: 1 });
      const headers = Object.fromEntries(
        [...(message?.header ?? [])].map(([name, values]) => [name, values[0] ?? '']),
      );
      const payload = message?.data ?? new Uint8Array();
      expect(decodeMessage({ headers, payload }, EVENT_LIMITS)).toEqual(event);
      await streams.delete(stream);
    },
  );

  it('reports that no stream takes it', async () => {
    await expect(
      events.store({ subject, event: anEvent(), mode: 'binary' }),
    ).rejects.toBeInstanceOf(NoStreamError);
  });

  it('sends it to subscribers without a stream', async () => {
    const { connection } = nats.link;
    const listening = connection.subscribe(subject, { max: 1 });
    await connection.flush();

    await events.send({ subject, event: anEvent(), mode: 'structured' });

    for await (const message of listening)
      expect(message.json()).toMatchObject({ id: anEvent().id });
  });

  it('does not send what would make the server close the connection', async () => {
    const max = nats.link.connection.info?.max_payload ?? 0;
    const event = anEvent({
      data: { kind: 'text', text: 'x'.repeat(max) },
      datacontenttype: 'text/plain',
    });

    const message = { subject, event, mode: 'binary' } as const;
    await expect(events.store(message)).rejects.toBeInstanceOf(DispatchTooLargeError);
    await expect(events.send(message)).rejects.toBeInstanceOf(DispatchTooLargeError);
  });
});

describe('a user of NATS that may not publish everywhere', () => {
  const flow = { user: 'flow', password: 'not-a-secret' };
  const permissions = { publish: { deny: ['*.out.closed'] } };
  let server: OwnNats;
  let nats: FlowNats;
  let events: EventPublisher;

  beforeAll(async () => {
    const authorization = { users: [{ ...flow, permissions }] };
    server = await OwnNats.start({ authorization, no_auth_user: flow.user });
    nats = await new FlowNats(server.url).ready();
    events = eventsOf(nats);
  });

  afterAll(async () => {
    events.close();
    await nats.close();
    await server.end();
  });

  it('gets an error for a forbidden subject, and can publish on others', async () => {
    const send = (name: string): Promise<void> =>
      events.send({
        ...{ subject: `${nats.namespace}.out.${name}`, event: anEvent(), mode: 'binary' },
      });

    const outcomes = await Promise.allSettled([send('closed'), send('open'), send('closed')]);

    const refused = { status: 'rejected', reason: expect.any(DispatchFailedError) as unknown };
    expect(outcomes).toEqual([refused, { status: 'fulfilled', value: undefined }, refused]);
  });
});
