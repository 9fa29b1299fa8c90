import { readToken } from '@app/auth';
import { isWorkflowId, WORKFLOW_ID_RULE } from '@app/events';
import { type FastifyRequest } from 'fastify';
import { QueryInvalidError } from './errors.js';

/** A parameter of the query; undefined if it is absent or empty. @throws QueryInvalidError if it is repeated */
export function queryParameter({ query }: FastifyRequest, name: string): string | undefined {
  const value = (query as Readonly<Record<string, string | string[] | undefined>>)[name];
  if (Array.isArray(value)) throw new QueryInvalidError(name, 'must not be repeated');
  return value === '' ? undefined : value;
}

/**
 * The token in the head of the request, if any.
 * @throws QueryInvalidError if `access_token` is repeated, because it is not known which one counts
 */
export function tokenInHead(request: FastifyRequest): string | undefined {
  queryParameter(request, 'access_token');
  return readToken(request);
}

/**
 * The workflow that the URL names: as `ref`, as `workflowId` for the old listener, or as `workflow` for the first
 * version 4.
 * @throws QueryInvalidError if it is not an id, or two of them differ
 */
export function workflowInUrl(request: FastifyRequest): string | undefined {
  const ref = queryParameter(request, 'ref');
  const others = ['workflowId', 'workflow'].map((name) => [name, queryParameter(request, name)]);
  const named = ref ?? others.find(([, value]) => value !== undefined)?.[1];
  for (const [name = '', value] of others)
    if (value !== undefined && value !== named)
      throw new QueryInvalidError(name, 'must be the same as "ref", or left out');
  if (named !== undefined && !isWorkflowId(named)) {
    throw new QueryInvalidError('ref', `must be ${WORKFLOW_ID_RULE}`);
  }
  return named;
}

/**
 * The provider that the URL names: in its path, or as `type` for the old listener.
 * @throws QueryInvalidError
 */
export function providerInUrl(request: FastifyRequest): string | undefined {
  const { provider } = request.params as { readonly provider?: string };
  const type = queryParameter(request, 'type');
  if (provider !== undefined && type !== undefined && provider !== type) {
    throw new QueryInvalidError('type', 'must be the provider in the path, or left out');
  }
  return provider ?? type;
}

/** Whether the answer lists the workflows that do not match: `?explain=true`. @throws QueryInvalidError */
export function explainInUrl(request: FastifyRequest): boolean {
  const explain = queryParameter(request, 'explain');
  if (explain !== undefined && explain !== 'true' && explain !== 'false')
    throw new QueryInvalidError('explain', 'must be true or false');
  return explain === 'true';
}
