import { type Msg } from '@nats-io/transport-node';
import { Delivery } from './delivery.js';

/** A message as the client library hands it out, which notes what is answered. */
function aMessage(reply: string) {
  const answers: string[] = [];
  const respond = (payload?: Uint8Array | string): boolean => {
    answers.push(typeof payload === 'string' ? payload : new TextDecoder().decode(payload));
    return true;
  };
  const message: Msg = {
    subject: 'flow.event.wf1',
    sid: 1,
    reply,
    data: new Uint8Array(),
    respond,
    json: () => JSON.parse('{}') as never,
    string: () => '',
  };
  return { message, answers };
}

const REPLY = '$JS.ACK.FLOW_EVENTS.workflow-executor.2.41.57.1790000000000000000.9';

describe(Delivery.name, () => {
  it.each([
    ['the plain form', REPLY],
    ['the form with domain and account', REPLY.replace('ACK.', 'ACK.hub.A1B2.') + '.random'],
  ])('reads the facts from %s of the reply subject', (_form, reply) => {
    const { stream, deliveries, sequence } = new Delivery(aMessage(reply).message);

    expect({ stream, deliveries, sequence }).toEqual({
      stream: 'FLOW_EVENTS',
      deliveries: 2,
      sequence: 41,
    });
  });

  it('has no headers where none came', () => {
    expect(new Delivery(aMessage(REPLY).message).headers).toEqual({});
  });

  it('answers once, with the first answer', () => {
    const { message, answers } = aMessage(REPLY);
    const delivery = new Delivery(message);

    delivery.nak(0);
    delivery.ack();
    delivery.term();
    delivery.working();

    expect(answers).toEqual(['-NAK']);
  });

  it('may say any number of times that it is worked on', () => {
    const { message, answers } = aMessage(REPLY);
    const delivery = new Delivery(message);

    delivery.working();
    delivery.working();
    delivery.ack();

    expect(answers).toEqual(['+WPI', '+WPI', '+ACK']);
  });

  it('asks for a later delivery in nanoseconds', () => {
    const { message, answers } = aMessage(REPLY);

    new Delivery(message).nak(1_500);

    expect(answers).toEqual(['-NAK {"delay":1500000000}']);
  });
});
