import { type JsonObject } from '@app/json';
import { DEBOUNCE_MS_MAX, SLOT_KEY_CHARS_MAX, SLOTS_MAX, THROTTLE_MS_MAX } from '../bounds.js';
import { WHEN_FULL } from '../definition/definition.js';

const MEMBERS = {
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
} as const;

const DEBOUNCE =
  'A run begins so long after its event, and only if no other of its key has come by then.';
const THROTTLE = 'A slot is not given again before so long has passed since it was.';

/** `concurrency` in the long form. */
export const LONG_CONCURRENCY: JsonObject = concurrency({
  debounceMs: { description: DEBOUNCE, type: 'integer', minimum: 1, maximum: DEBOUNCE_MS_MAX },
  throttleMs: { description: THROTTLE, type: 'integer', minimum: 1, maximum: THROTTLE_MS_MAX },
});

/** The same in the short one. */
export function shortConcurrencySchema(duration: JsonObject): JsonObject {
  return concurrency({
    debounce: { ...duration, description: DEBOUNCE },
    throttle: { ...duration, description: THROTTLE },
  });
}

function concurrency(durations: JsonObject): JsonObject {
  return {
    description: 'How many runs may be under way at once, and how often they may begin.',
    type: 'object',
    properties: { ...MEMBERS, ...durations },
    additionalProperties: false,
  };
}
