import { Buffer } from 'node:buffer';

/**
 * A member whose name has five characters, in whatever way each is written, and what comes before
 * the text of its value.
 */
const MEMBER = /"((?:[^"\\]|\\u[0-9a-f]{4}|\\[^u]){5})"[ \t\n\r]*:[ \t\n\r]*"/giy;

/** A text in quotation marks, from after the first one, even if its end is missing. */
const REST_OF_TEXT = /[^"\\]*(?:\\.[^"\\]*)*/sy;

/** What is known of a message that is to be kept. */
interface KeptMessage {
  readonly headers: Readonly<Record<string, readonly string[]>>;
  readonly payload: Uint8Array;
}

/**
 * The message without the credential that its publisher may have put into the extension `token`, in
 * either mode: a star stands in the place of each of its bytes. Most of what has to be kept can't be
 * parsed as a whole, so every quotation mark is taken for what may begin the member's name, and the
 * name is read as JSON reads it. A member `token` of the data is masked as well.
 */
export function withoutToken<Message extends KeptMessage>(message: Message): Message {
  const headers = Object.entries(message.headers).map(([name, values]) => [
    name,
    name.toLowerCase() === 'ce-token' ? values.map(stars) : values,
  ]);
  // Latin-1 has a character for each byte, so the rest comes back as it was.
  const text = Buffer.from(message.payload).toString('latin1');
  const masked = withoutTokenMembers(text);
  return {
    ...message,
    headers: Object.fromEntries(headers) as KeptMessage['headers'],
    payload: Buffer.from(masked, 'latin1'),
  };
}

function stars(text: string): string {
  return '*'.repeat(text.length);
}

function withoutTokenMembers(text: string): string {
  let masked = '';
  let from = 0;
  for (let at = text.indexOf('"'); at !== -1; at = text.indexOf('"', Math.max(at + 1, from))) {
    MEMBER.lastIndex = at;
    const member = MEMBER.exec(text);
    if (member?.[1] === undefined || !spells(member[1], 'token')) continue;
    REST_OF_TEXT.lastIndex = at + member[0].length;
    const token = REST_OF_TEXT.exec(text)?.[0] ?? '';
    masked += text.slice(from, at) + member[0] + stars(token);
    from = at + member[0].length + token.length;
  }
  return masked + text.slice(from);
}

/** Whether a JSON text, without its quotation marks, means the word. */
function spells(written: string, word: string): boolean {
  try {
    return JSON.parse(`"${written}"`) === word;
  } catch {
    // Raw control characters, or an escape that there is not.
    return false;
  }
}
