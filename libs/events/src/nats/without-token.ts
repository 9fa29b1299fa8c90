import { Buffer } from 'node:buffer';

/** A member `token` with a text: what comes before it, and the text, even if its end is missing. */
const TOKEN_MEMBER = /("token"\s*:\s*")([^"\\]*(?:\\.[^"\\]*)*)/gs;

/** What is known of a message that is to be kept. */
interface KeptMessage {
  readonly headers: Readonly<Record<string, readonly string[]>>;
  readonly payload: Uint8Array;
}

/**
 * The message without the credential that its publisher may have put into the extension `token`, in
 * either mode: a star stands in the place of each of its bytes. It goes by the text alone, because
 * most of what has to be kept can't be parsed; so a member `token` of the data is masked as well.
 */
export function withoutToken<Message extends KeptMessage>(message: Message): Message {
  const headers = Object.entries(message.headers).map(([name, values]) => [
    name,
    name.toLowerCase() === 'ce-token' ? values.map(stars) : values,
  ]);
  // Latin-1 has a character for each byte, so the rest comes back as it was.
  const text = Buffer.from(message.payload).toString('latin1');
  const masked = text.replace(TOKEN_MEMBER, (_, before: string, token: string) => {
    return before + stars(token);
  });
  return {
    ...message,
    headers: Object.fromEntries(headers) as KeptMessage['headers'],
    payload: Buffer.from(masked, 'latin1'),
  };
}

function stars(text: string): string {
  return '*'.repeat(text.length);
}
