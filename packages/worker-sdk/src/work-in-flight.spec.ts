import { type Msg, type MsgCallback, type NatsConnection } from '@nats-io/transport-node';
import { CloudEvent } from 'cloudevents';
import { Answers } from './answers.js';
import { settingsOf } from './options.js';
import { WorkInFlight } from './work-in-flight.js';

const TASK = new CloudEvent({
  id: 'a1:invoice:1',
  source: '/workflows/w',
  type: 'io.boomerang.event.task.queued',
  activityid: 'a1',
  taskname: 'invoice',
  attempt: 1,
  data: { input: {} },
});

/** The acknowledgements that the worker sent, in order. */
let said: string[];
let published: number;

/** An attempt whose answer JetStream stores only after `failures` failed attempts to publish it. */
function workWith(
  failures: number,
  onFailure: (work: WorkInFlight) => void = () => undefined,
): WorkInFlight {
  said = [];
  published = 0;
  let hear: MsgCallback<Msg> = () => undefined;
  const connection = {
    subscribe: (_: string, { callback }: { callback: MsgCallback<Msg> }) => {
      hear = callback;
      return { isClosed: () => false };
    },
    publish: (_subject: string, _payload: string, { reply }: { reply: string }) => {
      published += 1;
      const error = { description: 'no room' };
      const answer = { subject: reply, json: () => (published > failures ? {} : { error }) };
      if (published <= failures) onFailure(work);
      void hear(null, answer as unknown as Msg);
    },
  } as unknown as NatsConnection;
  const message = { respond: (text: string) => said.push(text) } as unknown as Msg;
  const settings = settingsOf('invoices', { servers: '127.0.0.1' });
  const work = new WorkInFlight(message, TASK, new Answers(connection, settings), settings);
  return work;
}

describe(WorkInFlight.name, () => {
  it('is acknowledged when its answer is stored, after any number of failed attempts', async () => {
    const work = workWith(2);

    await work.run(() => Promise.resolve({}));

    expect(published).toBe(3);
    expect(said).toEqual(['+ACK']);
  });

  it.each([
    [
      'given back',
      (work: WorkInFlight) => {
        work.giveBack();
      },
      ['-NAK'],
    ],
    [
      'cancelled',
      (work: WorkInFlight) => {
        work.cancel();
      },
      ['+ACK'],
    ],
  ] as const)(
    'publishes nothing more once it is %s while its answer is published',
    async (_how, end, last) => {
      const work = workWith(Infinity, end);

      await work.run(() => Promise.resolve({}));

      expect(published).toBe(1);
      expect(said).toEqual(last);
    },
  );
});
