import { Buffer } from 'node:buffer';
import { type Message } from '@app/events';
import { headers as natsHeaders, type MsgHdrs, type NatsConnection } from '@nats-io/transport-node';
import { DispatchTooLargeError } from '../errors.js';

export function natsHeadersOf({
  headers,
  messageId,
}: Pick<Message, 'headers'> & { readonly messageId?: string | undefined }): MsgHdrs {
  const encoded = natsHeaders();
  for (const name of Object.keys(headers)) encoded.append(name, headers[name] ?? '');
  if (messageId !== undefined) encoded.append('Nats-Msg-Id', messageId);
  return encoded;
}

/** The server's limit counts headers as well; the server closes the connection when a message exceeds it. */
export function sizeProblem(
  { info }: NatsConnection,
  payload: Uint8Array,
  headers: MsgHdrs,
): DispatchTooLargeError | undefined {
  const bytesMax = info?.max_payload ?? Infinity;
  const bytes = payload.length + bytesOf(headers);
  return bytes > bytesMax ? new DispatchTooLargeError('nats', bytes, bytesMax) : undefined;
}

/** The bytes of headers as sent: a first line, one line for each value, and an empty one. Names are ASCII. */
function bytesOf(headers: MsgHdrs): number {
  let bytes = 'NATS/1.0\r\n\r\n'.length;
  for (const [name, values] of headers)
    for (const value of values) bytes += name.length + Buffer.byteLength(value) + ': \r\n'.length;
  return bytes;
}
