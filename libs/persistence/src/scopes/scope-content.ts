import { toJsonText } from '@app/json';
import { ScopeFullError } from '../errors.js';
import { SCOPE_ENTRIES_MAX, SCOPE_PARAMETERS_CHARS_MAX, type ScopeContent } from './scope-store.js';

export const NO_CONTENT: ScopeContent = { parameters: {}, secrets: [] };

/** The content and nothing besides. @throws ScopeFullError */
export function withinBounds(content: ScopeContent): ScopeContent {
  const { parameters, secrets } = content;
  if (Object.keys(parameters).length > SCOPE_ENTRIES_MAX)
    throw new ScopeFullError(`${SCOPE_ENTRIES_MAX} parameters`);
  if (secrets.length > SCOPE_ENTRIES_MAX) throw new ScopeFullError(`${SCOPE_ENTRIES_MAX} secrets`);
  if (toJsonText(parameters).length > SCOPE_PARAMETERS_CHARS_MAX)
    throw new ScopeFullError(`${SCOPE_PARAMETERS_CHARS_MAX} characters of parameters`);
  return { parameters, secrets };
}
