import { Buffer } from 'node:buffer';
import { type NatsConnection } from '@nats-io/transport-node';
import { DispatchTooLargeError } from '../errors.js';
import { natsHeadersOf, sizeProblem } from './nats-message.js';

const connection = { info: { max_payload: 1_000_000 } } as NatsConnection;

describe(sizeProblem.name, () => {
  it.each([
    ['headers alone', 0, 1_000_000],
    ['headers of more than 64 Ki with a payload', 900_000, 100_000],
    ['a payload alone', 1_000_001, 0],
  ])('finds that %s are more than the server takes', (_what, payload, extension) => {
    const headers = natsHeadersOf({ headers: { 'ce-a': 'x'.repeat(extension) } });

    expect(sizeProblem(connection, new Uint8Array(payload), headers)).toBeInstanceOf(
      DispatchTooLargeError,
    );
  });

  it('counts bytes and lines as they are sent, to the last one', () => {
    const line = 'NATS/1.0\r\nce-a: ä\r\n\r\n';
    const room = 1_000_000 - Buffer.byteLength(line);
    const headers = natsHeadersOf({ headers: { 'ce-a': 'ä' } });

    expect(sizeProblem(connection, new Uint8Array(room), headers)).toBeUndefined();
    expect(sizeProblem(connection, new Uint8Array(room + 1), headers)).toBeDefined();
  });
});
