import { readToken } from '@app/auth';
import { isWorkflowId, WORKFLOW_ID_RULE } from '@app/events';
import { type FastifyRequest } from 'fastify';
import { QueryInvalidError } from './errors.js';

/** A parameter of the query; empty is none. @throws QueryInvalidError when it is there twice */
export function queryParameter({ query }: FastifyRequest, name: string): string | undefined {
  const value = (query as Readonly<Record<string, string | string[] | undefined>>)[name];
  if (Array.isArray(value)) throw new QueryInvalidError(name, 'must not be repeated');
  return value === '' ? undefined : value;
}

/**
 * The token, if it is in the head of the request.
 * @throws QueryInvalidError when `access_token` is there twice: which one counts would be a guess
 */
export function tokenInHead(request: FastifyRequest): string | undefined {
  queryParameter(request, 'access_token');
  return readToken(request);
}

/**
 * The workflow that the URL names: `ref`, `workflowId` as callers of the old listener write it, or `workflow` as
 * those of the first version 4.
 * @throws QueryInvalidError when it is no id, or two of them differ
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
 * The provider that the URL names: in its path, or as `type` as callers of the old listener write it.
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

/** Whether the reasons are asked for, too: `?explain=true`. @throws QueryInvalidError */
export function explainInUrl(request: FastifyRequest): boolean {
  const explain = queryParameter(request, 'explain');
  if (explain !== undefined && explain !== 'true' && explain !== 'false')
    throw new QueryInvalidError('explain', 'must be true or false');
  return explain === 'true';
}
