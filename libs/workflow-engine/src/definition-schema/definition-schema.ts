import { type JsonObject, type JsonValue } from '@app/json';
import {
  NAME_CHARS_MAX,
  NOTIFY_MAX,
  NOTIFY_URL_CHARS_MAX,
  RETRY_ATTEMPTS_MAX,
  RETRY_DELAY_MS_MAX,
  RETRY_WHEN_MAX,
  TASKS_MAX,
  WORKFLOW_TIMEOUT_MS_MAX,
} from '../bounds.js';
import {
  BACKOFFS,
  EXECUTION_CONDITIONS,
  NOTIFY_ENDS,
  RETRY_ENDS,
  RUN_RETRY_FROM,
} from '../definition/definition.js';
import { paramSchema, paramsSchema, requiredIn } from './param-rule-schema.js';
import { PARAM_SPEC } from './param-spec-schema.js';
import { LONG_CONCURRENCY, shortConcurrencySchema } from './concurrency-schema.js';
import { type TaskBehaviour, type TaskBehaviours } from '../task-types/task-behaviour.js';

/** The members of each form as JSON Schema, in draft 7, which editors support. */
export interface DefinitionSchema {
  readonly short: JsonObject;
  readonly long: JsonObject;
}

const DURATION = {
  type: 'string',
  description: 'A duration: "30s", "1h30m", "2d", or ISO 8601 as "PT1H30M".',
  examples: ['30s', '5m', 'PT1H'],
} as const;
const DELAYS = {
  description: 'One after the other; the last one for all attempts that follow.',
  type: 'array',
  minItems: 1,
  maxItems: RETRY_ATTEMPTS_MAX,
} as const;
const NOTIFY = {
  description: 'Whom to tell of the end of a run, by a webhook.',
  type: 'array',
  maxItems: NOTIFY_MAX,
  items: {
    type: 'object',
    required: ['url'],
    properties: {
      url: { type: 'string', maxLength: NOTIFY_URL_CHARS_MAX },
      secret: {
        description: 'The name of the secret to sign it with, as Standard Webhooks.',
        type: 'string',
      },
      on: {
        description: 'The ends that are told; all, if it does not say.',
        type: 'array',
        minItems: 1,
        uniqueItems: true,
        items: { enum: [...NOTIFY_ENDS] },
      },
    },
    additionalProperties: false,
  },
} as const;
const NAME = { type: 'string', minLength: 1, maxLength: NAME_CHARS_MAX } as const;

/**
 * The JSON Schema with which editors complete and check a definition. It accepts every definition that the validation
 * accepts; the validation checks more, such as the names of tasks in references.
 */
export function definitionSchema(behaviours: TaskBehaviours): DefinitionSchema {
  return { short: shortMembers(behaviours), long: longMembers(behaviours) };
}

function shortMembers(behaviours: TaskBehaviours): JsonObject {
  const types = [...behaviours];
  const task = {
    type: 'object',
    properties: {
      ...Object.fromEntries(types.map(([type, behaviour]) => [type, shortType(behaviour)])),
      needs: {
        description:
          'What comes before: a name, names, or names each with success (what a name alone means), failure, ' +
          'always, or a pattern of a decision.',
        type: ['string', 'array', 'object'],
        items: NAME,
        additionalProperties: { type: ['string', 'number', 'boolean', 'null', 'object'] },
      },
      timeout: { ...DURATION, description: 'One attempt may take this long.' },
      retry: shortRetry(),
    },
    additionalProperties: false,
    oneOf: types.map(([type]) => ({ required: [type] })),
  };
  return {
    tasks: { description: 'By name. Start and end are implied.', ...byName(task) },
    finally: {
      description: 'What runs when all of tasks is over, whatever became of it.',
      ...byName(task),
    },
    params: {
      description: 'What an event may bring, by name.',
      type: 'object',
      propertyNames: NAME,
      additionalProperties: {
        type: ['object', 'null'],
        properties: PARAM_SPEC,
        additionalProperties: false,
      },
    },
    timeout: { ...DURATION, description: 'The whole run may take this long.' },
    retry: shortRetry(RUN_FROM),
    notify: NOTIFY,
    concurrency: shortConcurrencySchema(DURATION),
  };
}

function shortRetry(own = TASK_THEN): JsonObject {
  return {
    description: 'Other attempts, when one has failed.',
    type: 'object',
    required: ['attemptsMax'],
    properties: {
      ...retryMembers(),
      ...own,
      delay: DURATION,
      delayMax: DURATION,
      delays: { ...DELAYS, items: DURATION },
    },
    additionalProperties: false,
  };
}

function byName(task: JsonObject): JsonObject {
  return {
    type: 'object',
    propertyNames: NAME,
    maxProperties: TASKS_MAX,
    additionalProperties: task,
  };
}

function shortType({ about, params, main, needsOneOf = [] }: TaskBehaviour): JsonValue {
  const required = requiredIn(params);
  const oneOf = needsOneOf.map((name) => ({ required: [name] }));
  const object = { ...paramsSchema(params), ...(oneOf.length > 0 && { anyOf: oneOf }) };
  const described = about !== undefined && { description: about };
  const rule = main === undefined ? undefined : params.get(main);
  const isEnough = required.every((name) => name === main);
  const ways: JsonValue[] = [object];
  if (required.length === 0 && oneOf.length === 0) ways.push({ type: 'null' });
  if (rule !== undefined && isEnough)
    ways.push({ not: { type: ['object', 'null'] }, ...paramSchema(rule) });
  return ways.length === 1 ? { ...described, ...object } : { ...described, anyOf: ways };
}

function longTask(behaviours: TaskBehaviours): JsonObject {
  const types = [...behaviours];
  const param = {
    type: 'object',
    required: ['name', 'value'],
    properties: { name: NAME, value: {} },
  };
  const dependency = {
    type: 'object',
    required: ['taskRef'],
    properties: {
      taskRef: { type: 'string', description: 'The name of the task that comes before.' },
      executionCondition: { enum: [...EXECUTION_CONDITIONS] },
      decisionCondition: { type: 'string', description: 'Patterns of a decision, one a line.' },
    },
    additionalProperties: false,
  };
  return {
    type: 'object',
    required: ['name', 'type'],
    properties: {
      name: NAME,
      type: { enum: types.map(([type]) => type) },
      dependencies: { type: 'array', items: dependency },
      params: { type: 'array', items: { ...param, additionalProperties: false } },
      timeoutMs: { type: 'integer', minimum: 1, maximum: WORKFLOW_TIMEOUT_MS_MAX },
      finally: {
        description: 'It begins when all others are over, whatever became of them.',
        type: 'boolean',
      },
      retry: longRetry(TASK_THEN),
    },
    additionalProperties: false,
    allOf: types.map(([type, { params }]) => ({
      if: { properties: { type: { const: type } } },
      then: { properties: { params: longParams([...params.keys()]) } },
    })),
  };
}

function longMembers(behaviours: TaskBehaviours): JsonObject {
  return {
    tasks: { type: 'array', minItems: 2, maxItems: TASKS_MAX, items: longTask(behaviours) },
    params: {
      type: 'array',
      items: {
        type: 'object',
        required: ['name'],
        properties: { name: NAME, ...PARAM_SPEC },
        additionalProperties: false,
      },
    },
    timeoutMs: { type: 'integer', minimum: 1, maximum: WORKFLOW_TIMEOUT_MS_MAX },
    retry: longRetry(RUN_FROM),
    notify: NOTIFY,
    concurrency: LONG_CONCURRENCY,
  };
}

function longParams(names: readonly string[]): JsonObject {
  return names.length === 0
    ? { maxItems: 0 }
    : { items: { properties: { name: { enum: names } } } };
}

function retryMembers(): JsonObject {
  return {
    attemptsMax: {
      description: 'Attempts in all, the first one included.',
      type: 'integer',
      minimum: 1,
      maximum: RETRY_ATTEMPTS_MAX,
    },
    backoff: { enum: [...BACKOFFS] },
    jitter: {
      description: 'Spreads each delay over this share of it.',
      type: 'number',
      minimum: 0,
      maximum: 1,
    },
    when: {
      description:
        'The failures that are tried again: codes, or statuses as 503, "5xx" and "500-504".',
      type: 'array',
      items: { type: ['string', 'integer'] },
      minItems: 1,
      maxItems: RETRY_WHEN_MAX,
    },
  };
}

function longRetry(own: JsonObject): JsonObject {
  return {
    type: 'object',
    required: ['attemptsMax', 'backoff'],
    properties: {
      ...retryMembers(),
      ...own,
      delayMs: retryDelay(),
      delayMsMax: retryDelay(),
      delaysMs: { ...DELAYS, items: retryDelay() },
    },
    additionalProperties: false,
  };
}

const TASK_THEN: JsonObject = {
  then: {
    description: 'What follows the last attempt: the task fails, or waits for an operator.',
    enum: [...RETRY_ENDS],
  },
};

const RUN_FROM: JsonObject = {
  from: {
    description: 'Where another attempt of the run begins: with what failed, or from the start.',
    enum: [...RUN_RETRY_FROM],
  },
};

function retryDelay(): JsonObject {
  return { type: 'integer', minimum: 1, maximum: RETRY_DELAY_MS_MAX };
}
