export {
  InternalSignatureInvalidError,
  PermissionDeniedError,
  SecretUnreadableError,
  WorkflowInactiveError,
  WorkflowRetiredError,
} from './errors.js';
export { type Action, grants, isInGroup, may, type Principal } from './principals/principal.js';
export { SecretsKeyCheck } from './secrets/secrets-key-check.js';
export { SecretKeys } from './secrets/secret-keys.js';
export { ApiAccess } from './tokens/api-access.js';
export { mintApiToken } from './tokens/api-tokens.js';
export { AdminTokens } from './tokens/admin-tokens.js';
export { InternalRequests } from './tokens/internal-requests.js';
export { readToken } from './tokens/read-token.js';
export { mintToken, WORKFLOW_TOKEN } from './tokens/workflow-token.js';
export { type RequestFacts, WorkflowAccess } from './workflow-access.js';
export { hashOf } from './tokens/secret-text.js';
