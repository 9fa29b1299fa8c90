import { Buffer } from 'node:buffer';

/** A member name of five characters, each escaped or not, and what stands before the text of its value. */
const MEMBER = /"((?:[^"\\]|\\u[0-9a-f]{4}|\\[^u]){5})"[ \t\n\r]*:[ \t\n\r]*"/giy;

/** The rest of a string after its opening quotation mark, even if its end is missing. */
const REST_OF_TEXT = /[^"\\]*(?:\\.[^"\\]*)*/sy;

/** The parts of a message that is to be kept. */
interface KeptMessage {
  readonly headers: Readonly<Record<string, readonly string[]>>;
  readonly payload: Uint8Array;
}

/**
 * Masks the token that a publisher may have put into the extension `token`, in either mode: each of its bytes becomes
 * a star. Most messages that are kept can't be parsed as a whole, so every quotation mark may begin the member's
 * name, and the name is unescaped as in JSON. A member `token` of the data is masked as well.
 */
export function withoutToken<Message extends KeptMessage>(message: Message): Message {
  const headers = Object.entries(message.headers).map(([name, values]) => [
    name,
    name.toLowerCase() === 'ce-token' ? values.map(stars) : values,
  ]);
  // Latin-1 has a character for each byte, so all other bytes stay as they are.
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

/** Whether a JSON string, given without its quotation marks, means the word. */
function spells(written: string, word: string): boolean {
  try {
    return JSON.parse(`"${written}"`) === word;
  } catch {
    // It has raw control characters or an invalid escape.
    return false;
  }
}
