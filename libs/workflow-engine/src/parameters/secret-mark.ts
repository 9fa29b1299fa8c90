/**
 * What stands for a secret in the parameters of a call until it is sent. It is made of characters that are the
 * same in a URL, a header, a form and JSON, and of a nonce that no event can contain, so that what comes
 * from outside is never taken for one.
 */
export function secretMark(nonce: string, name: string): string {
  return `${nonce}.${name}.`;
}

/** Finds the marks in a text; its one group is the name. */
export function secretMarks(nonce: string): RegExp {
  return new RegExp(String.raw`${nonce}\.([A-Za-z0-9_-]{1,64})\.`, 'g');
}
