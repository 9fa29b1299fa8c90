import {
  isJsonArray,
  isJsonObject,
  type JsonLimits,
  jsonProblems,
  type JsonValue,
  parseJsonBytes,
} from '@app/json';
import { type FastifyInstance } from 'fastify';
import { BodyCompressedError, BodyInvalidError } from '../errors.js';

/**
 * Parses bodies of JSON in UTF-8: other types are 415, and text that is not JSON, not UTF-8, beyond the limits or has
 * a key `__proto__` is 400. The handler gets numbers as they were written (`ExactNumber`); text beyond the limits is
 * not parsed.
 */
export function parseJsonBodies(server: FastifyInstance, limits: JsonLimits): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer' },
    ({ headers }, body: Buffer, done) => {
      try {
        done(null, jsonIn(body, headers['content-encoding'], limits));
      } catch (error) {
        done(error as Error);
      }
    },
  );
}

/** @throws BodyCompressedError, BodyNotJsonError, BodyInvalidError */
function jsonIn(body: Buffer, encoding: string | undefined, limits: JsonLimits): JsonValue {
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    throw new BodyCompressedError();
  }
  const parse = parseJsonBytes(body, limits);
  if (parse.kind === 'beyond') {
    const beyond = [{ path: '', detail: parse.detail }];
    throw new BodyInvalidError(
      'The JSON of the body is nested too deep or has too many members',
      beyond,
    );
  }
  const { value } = parse;
  const problems = jsonProblems(value, limits);
  if (problems.length > 0)
    throw new BodyInvalidError('The body has keys that are refused', problems);
  if (leadsToPrototype(value)) {
    throw new BodyInvalidError('No key may be "__proto__" or lead to a prototype');
  }
  return value;
}

/** Such a key would set the prototype in code that merges objects. The recursion is bounded by the limit of nesting. */
function leadsToPrototype(value: JsonValue): boolean {
  if (isJsonArray(value)) return value.some(leadsToPrototype);
  if (!isJsonObject(value)) return false;
  return Object.entries(value).some(
    ([name, member]) =>
      (name === 'constructor' && isJsonObject(member) && Object.hasOwn(member, 'prototype')) ||
      leadsToPrototype(member),
  );
}
