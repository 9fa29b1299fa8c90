export {
  AdminTokenInvalidError,
  InternalSecretInvalidError,
  TokenInvalidError,
  TokenMissingError,
  TriggerOffError,
  WorkflowInactiveError,
} from './errors.js';
export { AdminGuard } from './guards/admin.guard.js';
export { InternalGuard, InternalSecret } from './guards/internal.guard.js';
export { AdminTokens } from './tokens/admin-tokens.js';
export { readToken } from './tokens/read-token.js';
export { type MintedToken, mintToken } from './tokens/workflow-token.js';
export { type RequestFacts, WorkflowAccess } from './workflow-access.js';
