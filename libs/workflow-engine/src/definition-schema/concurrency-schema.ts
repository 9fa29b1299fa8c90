import { SLOT_KEY_CHARS_MAX, SLOTS_MAX } from '../bounds.js';
import { WHEN_FULL } from '../definition/definition.js';

/** `concurrency`, in both forms. */
export const CONCURRENCY = {
  description: 'How many runs may be under way at once.',
  type: 'object',
  properties: {
    key: {
      description:
        'Runs with the same key share the slots, as $(params.customer); without it, all runs do.',
      type: 'string',
      maxLength: SLOT_KEY_CHARS_MAX,
    },
    limit: {
      description: 'Slots; 1, if it does not say.',
      type: 'integer',
      minimum: 1,
      maximum: SLOTS_MAX,
    },
    whenFull: {
      description: 'What becomes of a run for which there is no slot; queue, if it does not say.',
      enum: [...WHEN_FULL],
    },
  },
  additionalProperties: false,
} as const;
