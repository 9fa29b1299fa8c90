import { toJsonText, uriComponent } from '@app/json';
import { encodeComponent } from '@app/workflow-engine';
import { Buffer } from 'node:buffer';
import { LAYERS_MAX, searchedBytes, undecoded, decodedOnce } from './decoded-text.js';

/** A shorter secret is found in ordinary words and numbers, so only a whole value that is equal to it is masked. */
const SEARCHED_CHARS_MIN = 8;

/** The bytes that are searched for, of all forms of these secrets. */
export function needlesOf(secrets: Iterable<string>): readonly Buffer[] {
  const searched = [...secrets].filter(({ length }) => length >= SEARCHED_CHARS_MIN);
  // Nothing is left of a form that has only line breaks, and nothing would be found without end.
  return [...new Set(searched.flatMap(formsOf))]
    .map(searchedBytes)
    .filter(({ length }) => length > 0);
}

/** The forms of a secret that are searched for: as it is, and inside base64 as text, as JSON, in a URL and in a form. */
function formsOf(secret: string): readonly string[] {
  const inJson = toJsonText(secret).slice(1, -1);
  const inUrl = encodeComponent(secret);
  const inForm = inUrl.replaceAll('%20', '+');
  const inAll = [secret, inJson, uriComponent(secret), inUrl, inForm].flatMap(inBase64);
  return [secret, withoutEscapes(secret), ...inAll];
}

/** The secret without its own escapes, by which it is found in decoded layers. */
function withoutEscapes(secret: string): string {
  let layer = undecoded(Buffer.from(secret));
  for (let layers = 0; layers < LAYERS_MAX; layers += 1) layer = decodedOnce(layer) ?? layer;
  return layer.bytes.toString();
}

/** The base64 characters that depend on the secret alone, for each of its three possible alignments. */
function inBase64(secret: string): readonly string[] {
  const bytes = Buffer.from(secret);
  return [0, 1, 2].flatMap((before) => {
    const all = Buffer.concat([Buffer.alloc(before), bytes]);
    const ofSecret = [Math.ceil((before * 8) / 6), Math.floor((all.length * 8) / 6)] as const;
    return [
      all.toString('base64').slice(...ofSecret),
      all.toString('base64url').slice(...ofSecret),
    ];
  });
}
