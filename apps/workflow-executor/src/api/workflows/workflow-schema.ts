import { TRIGGER_KINDS, WORKFLOW_ID } from '@app/events';
import { type JsonObject } from '@app/json';
import { RETENTION_CLASSES } from '@app/persistence';
import { definitionSchema, type TaskBehaviours } from '@app/workflow-engine';

const KEPT = {
  type: 'string',
  description: 'A duration from 1d to 36500d.',
  examples: ['1d', '30d'],
} as const;

/** The members beside the definition; see `WorkflowHead`, which the schema never is stricter than. */
const HEAD = {
  id: {
    description: 'What URLs and events call the workflow, for good. Its name, if left out.',
    type: 'string',
    pattern: WORKFLOW_ID.source,
  },
  name: {
    description: 'Kebab-case.',
    type: 'string',
    maxLength: 100,
    pattern: '^[a-z0-9]+(-[a-z0-9]+)*$',
  },
  displayName: { type: 'string', maxLength: 200 },
  description: { type: 'string', maxLength: 10_000 },
  triggers: {
    description: 'What may start it.',
    type: 'object',
    propertyNames: { enum: [...TRIGGER_KINDS] },
    properties: {
      schedule: {
        description: 'Nothing fires it, so it can only be off.',
        type: 'object',
        required: ['enabled'],
        properties: { enabled: { const: false } },
      },
    },
    additionalProperties: {
      type: 'object',
      required: ['enabled'],
      properties: {
        enabled: { type: 'boolean' },
        filter: {
          description: 'Which events it takes (docs/filters.md); without one, all.',
          type: ['object', 'array'],
        },
      },
    },
  },
  labels: { type: 'object', additionalProperties: { type: 'string' } },
  retention: {
    description:
      'How long ended activities stay on record: one duration for all, or one for each class. What it does not say is the ' +
      "installation's.",
    anyOf: [
      KEPT,
      {
        type: 'object',
        properties: Object.fromEntries(RETENTION_CLASSES.map((of) => [of, KEPT])),
        additionalProperties: false,
      },
    ],
  },
} as const;

/** JSON Schema (draft 7) of a workflow as it is sent, in either form: the long one has its tasks in a list. */
export function workflowSchema(behaviours: TaskBehaviours): JsonObject {
  const { short, long } = definitionSchema(behaviours);
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'A workflow of Flow Eventing',
    if: { properties: { tasks: { type: 'array' } }, required: ['tasks'] },
    then: { $ref: '#/definitions/long' },
    else: { $ref: '#/definitions/short' },
    definitions: { short: workflow(short), long: workflow(long) },
  };
}

function workflow(definition: JsonObject): JsonObject {
  return {
    type: 'object',
    required: ['name', 'tasks'],
    properties: { ...HEAD, ...definition },
    additionalProperties: false,
  };
}
