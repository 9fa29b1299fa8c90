import { type FastifyInstance } from 'fastify';
import { BodyCompressedError, BodyInvalidError, BodyNotJsonError } from '../errors.js';

/**
 * Takes JSON in UTF-8 and nothing else: other types are 415, and text that is not JSON, not UTF-8 or
 * has a key `__proto__` is 400.
 */
export function parseJsonBodies(server: FastifyInstance): void {
  const parse = server.getDefaultJsonParser('error', 'error');
  server.removeAllContentTypeParsers();
  server.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer' },
    (request, body: Buffer, done) => {
      const encoding = request.headers['content-encoding'];
      if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
        done(new BodyCompressedError());
        return;
      }
      const text = utf8Of(body);
      if (text === undefined) {
        done(new BodyNotJsonError('it is not valid UTF-8'));
        return;
      }
      void parse(request, text, (error, value: unknown) => {
        if (error === null) done(null, value);
        else done(isJson(text) ? forbiddenKey(error) : syntaxError(error));
      });
    },
  );
}

/** Asked only about a body that is refused. */
function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function forbiddenKey(cause: Error): BodyInvalidError {
  return new BodyInvalidError('No key may be "__proto__" or lead to a prototype', [], { cause });
}

function syntaxError(cause: Error): BodyNotJsonError {
  return new BodyNotJsonError('it is empty, or has a syntax error', { cause });
}

function utf8Of(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
