import { toJsonText } from '@app/json';
import { ScopeFullError } from '../errors.js';
import {
  FORGOTTEN,
  SCOPE_ENTRIES_MAX,
  SCOPE_PARAMETERS_CHARS_MAX,
  type ScopeContent,
} from './scope-store.js';

export const NO_CONTENT: ScopeContent = { parameters: {}, secrets: [] };

/** The content without other members and without deleted secrets. @throws ScopeFullError */
export function withinBounds(content: ScopeContent): ScopeContent {
  const { parameters } = content;
  const secrets = content.secrets.filter(({ encrypted }) => encrypted !== FORGOTTEN);
  if (Object.keys(parameters).length > SCOPE_ENTRIES_MAX)
    throw new ScopeFullError(`${SCOPE_ENTRIES_MAX} parameters`);
  if (secrets.length > SCOPE_ENTRIES_MAX) throw new ScopeFullError(`${SCOPE_ENTRIES_MAX} secrets`);
  if (toJsonText(parameters).length > SCOPE_PARAMETERS_CHARS_MAX)
    throw new ScopeFullError(`${SCOPE_PARAMETERS_CHARS_MAX} characters of parameters`);
  return { parameters, secrets };
}
