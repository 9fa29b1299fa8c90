import { isJsonArray, isJsonContainer, jsonObjectOf, type JsonValue, membersIn } from '@app/json';
import {
  type ClientCredentials,
  encodeComponent,
  type FormPart,
  type HttpCallParams,
  secretMarks,
} from '@app/workflow-engine';
import { HARMLESS } from '../http/redirects.js';

type Encode = (text: string) => string;

/** The call with its secrets, or a failure without any secret in it. */
export type WithSecrets =
  | { readonly kind: 'call'; readonly params: HttpCallParams }
  | { readonly kind: 'impossible'; readonly why: string };

const HEADER_VALUE = /^[\t\x20-\x7e]*$/;

/** The names of the secrets that a call refers to. */
export function secretNamesIn(params: HttpCallParams, nonce: string): readonly string[] {
  const names = new Set<string>();
  const note: Encode = (text) => {
    for (const [, name = ''] of text.matchAll(secretMarks(nonce))) names.add(name);
    return text;
  };
  const { url, headers, body, parts = [], sign, oauth2 } = params;
  note(url);
  if (oauth2) note(oauth2.clientSecret);
  if (sign) note(sign.secret);
  for (const [, value] of headers) note(value);
  if (body !== undefined) mapTexts(body, note);
  for (const part of parts) mapPart(part, note);
  return [...names];
}

/**
 * Replaces the marks that the engine has left by the secrets, encoded for their context: a URL component, a form field, a
 * header, a text, or JSON. A mark in the host name is refused, because that is shown; so is one in a header that a
 * redirect takes to another origin.
 */
export function putSecrets(
  params: HttpCallParams,
  nonce: string,
  texts: ReadonlyMap<string, string>,
): WithSecrets {
  const put = (encode: Encode) => (text: string) =>
    text.replace(secretMarks(nonce), (_mark, name: string) => encode(texts.get(name) ?? ''));
  const asIs = put((text) => text);
  const headers = params.headers.map(([name, value]) => [name, asIs(value)] as const);
  const taken = params.headers.find(
    ([name, value]) => HARMLESS.has(name.toLowerCase()) && asIs(value) !== value,
  );
  if (taken) return impossible(`a secret can't be in "${taken[0]}": redirects take that along`);
  const broken = headers.find(([, value]) => !HEADER_VALUE.test(value));
  if (broken)
    return impossible(`a secret has characters that the header "${broken[0]}" can't have`);
  const url = put(encodeComponent)(params.url);
  if (!isSameTarget(params.url, url))
    return impossible('a secret would be in the name of its host, or its "url" is not a valid URL');
  const { body, isForm, parts, sign, oauth2 } = params;
  if (oauth2 && hasOtherSecret(oauth2, asIs))
    return impossible('a secret can only be the "clientSecret" of its "oauth2"');
  const signed = sign && { sign: { ...sign, secret: asIs(sign.secret) } };
  const authorized = oauth2 && {
    oauth2: { ...oauth2, clientSecret: asIs(oauth2.clientSecret) },
  };
  const inParts = parts && { parts: parts.map((part) => mapPart(part, asIs)) };
  const call = { ...params, url, headers, ...signed, ...authorized, ...inParts };
  if (body === undefined) return { kind: 'call', params: call };
  const inBody = isForm ? put((text) => encodeComponent(text).replaceAll('%20', '+')) : asIs;
  return { kind: 'call', params: { ...call, body: mapTexts(body, inBody) } };
}

function hasOtherSecret({ clientSecret: _, ...others }: ClientCredentials, put: Encode): boolean {
  return Object.values(others).some((text) => put(text) !== text);
}

function isSameTarget(marked: string, url: string): boolean {
  if (!URL.canParse(marked) || !URL.canParse(url)) return false;
  return new URL(marked).origin === new URL(url).origin;
}

function impossible(why: string): WithSecrets {
  return { kind: 'impossible', why };
}

/** Maps name and text of a field. Secrets can't stand in files. */
function mapPart(part: FormPart, map: Encode): FormPart {
  if (part.filename !== undefined || part.text === undefined) return part;
  return { ...part, name: map(part.name), text: map(part.text) };
}

/** Maps all strings of a value. Names of members are not mapped, because marks are never in names. */
function mapTexts(value: JsonValue, map: Encode): JsonValue {
  if (typeof value === 'string') return map(value);
  if (!isJsonContainer(value)) return value;
  if (isJsonArray(value)) return value.map((item) => mapTexts(item, map));
  return jsonObjectOf(membersIn(value).map(([name, member]) => [name, mapTexts(member, map)]));
}
