import { BodyInvalidError, MediaTypeUnsupportedError, readBody } from '@app/http';
import { type JsonLimits, type JsonValue } from '@app/json';
import { type FastifyInstance, type FastifyRequest } from 'fastify';
import { type Position } from './yaml-places.js';
import { readYaml } from './yaml-document.js';

/** The media type of RFC 9512, and those in use before it. */
const YAML_TYPES = ['application/yaml', 'application/x-yaml', 'text/yaml', 'text/x-yaml'];
const ROUTES = ['/api/v2/workflows', '/api/v2/workflows/:id'];

/** The value of a YAML body, with the position of each of its members. */
export class YamlBody {
  constructor(
    readonly value: JsonValue,
    readonly placeOf: (path: string) => Position,
  ) {}
}

/** Lets workflows be sent as YAML. Every other route answers YAML with 415, as any other unknown media type. */
export function acceptYamlBodies(
  server: FastifyInstance,
  limits: JsonLimits & { readonly yamlBytesMax: number },
): void {
  server.addContentTypeParser(YAML_TYPES, async (request: FastifyRequest): Promise<YamlBody> => {
    if (!ROUTES.includes(request.routeOptions.url ?? '')) throw new MediaTypeUnsupportedError();
    // Fastify's own limit of a content type is not in its error, so the answer would name the limit of the route.
    return yamlIn(await readBody(request, { bytesMax: limits.yamlBytesMax }), limits);
  });
}

/** @throws BodyInvalidError */
function yamlIn(body: Buffer, limits: JsonLimits): YamlBody {
  const read = readYaml(utf8Of(body), limits);
  if (read.kind === 'read') return new YamlBody(read.value, read.placeOf);
  throw new BodyInvalidError(
    'The body is no YAML that can be taken; see the list of problems',
    read.problems,
  );
}

function utf8Of(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new BodyInvalidError('The body is not valid UTF-8', [], { cause });
  }
}
