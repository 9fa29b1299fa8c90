import { type JsonObject } from '@app/json';
import { DESCRIPTION_CHARS_MAX, PARAM_ENUM_MAX } from '../bounds.js';
import { PARAM_TYPES } from '../definition/definition.js';

/** What both forms say of a declared parameter. */
export const PARAM_SPEC: JsonObject = {
  type: {
    description:
      'Any value, if it does not say. A value of another type is converted if it can be.',
    enum: [...PARAM_TYPES],
  },
  enum: {
    description: 'The values that are allowed.',
    type: 'array',
    minItems: 1,
    maxItems: PARAM_ENUM_MAX,
  },
  pattern: { description: 'What the whole text must match; of type string.', type: 'string' },
  min: { description: 'The smallest number, the fewest characters or items.', type: 'number' },
  max: { description: 'The largest number, the most characters or items.', type: 'number' },
  description: { type: 'string', maxLength: DESCRIPTION_CHARS_MAX },
  secret: {
    description: 'Shown nowhere; it can stand only where secrets can. Of type string.',
    type: 'boolean',
  },
  required: { type: 'boolean', description: 'A run whose event brings no value fails at once.' },
  default: { description: 'The value of a run whose event brings none.' },
};
