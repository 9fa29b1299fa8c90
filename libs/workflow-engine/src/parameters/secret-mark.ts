/**
 * The placeholder of a secret in the parameters of a call until the call is made. Its characters are encoded as
 * themselves in a URL, a header, a form and JSON. Its nonce is unknown to senders of events, so that nothing in an
 * event is taken for a placeholder.
 */
export function secretMark(nonce: string, name: string): string {
  return `${nonce}.${name}.`;
}

/** An expression that finds the marks in a text; its one group is the secret's name. */
export function secretMarks(nonce: string): RegExp {
  return new RegExp(String.raw`${nonce}\.([A-Za-z0-9_-]{1,64})\.`, 'g');
}
