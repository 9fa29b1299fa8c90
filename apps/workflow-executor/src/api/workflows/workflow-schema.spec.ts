import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { BodyInvalidError } from '@app/http';
import { type JsonObject, jsonObjectOf, membersIn, toJsonText } from '@app/json';
import { shortForm, typeForms } from '@app/workflow-engine';
import { randomDefinition, SeededRandom } from '@app/workflow-engine/testing';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { TASK_TYPES_RUN } from '../../tasks/task-handler.js';
import { readWorkflow } from './read-workflow.js';
import { workflowSchema } from './workflow-schema.js';

const FILE = path.resolve(import.meta.dirname, '../../../../../schemas/workflow.schema.json');
const SCHEMA = workflowSchema(TASK_TYPES_RUN);
const fits = new Ajv({ allowUnionTypes: true, strict: false }).compile(SCHEMA);
const TYPES = typeForms(TASK_TYPES_RUN);
const URL = 'https://example.org/';

function isTaken(workflow: unknown): boolean {
  try {
    readWorkflow(workflow);
    return true;
  } catch (error) {
    if (error instanceof BodyInvalidError) return false;
    throw error;
  }
}

/** A random workflow of the types that this build runs, in both forms. */
function bothForms(seed: number): readonly [long: JsonObject, short: JsonObject] {
  const definition = randomDefinition(new SeededRandom(seed), 8);
  const tasks = definition.tasks.map((task) =>
    TASK_TYPES_RUN.has(task.type)
      ? task
      : {
          ...task,
          type: 'set-property',
          params: [
            { name: 'output', value: 'x' },
            { name: 'value', value: 1 },
          ],
        },
  );
  const { definition: valid } = readWorkflow({ name: 'x', ...definition, tasks });
  const plain = (value: unknown): JsonObject => JSON.parse(toJsonText(value)) as JsonObject;
  return [plain({ name: 'x', ...valid }), plain({ name: 'x', ...shortForm(valid, TYPES) })];
}

/** The same with one member, at random, gone, renamed or replaced. */
function spoiled(value: unknown, random: SeededRandom): unknown {
  if (Array.isArray(value) && value.length > 0) {
    const at = random.below(value.length);
    return value.map((item: unknown, index) => (index === at ? spoiled(item, random) : item));
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return random.pick<unknown>(7, 'no such word', null, [], {}, true);
  }
  const members = membersIn(value as JsonObject);
  if (members.length === 0) return random.pick<unknown>(7, [], { x: 1 });
  const at = random.below(members.length);
  const how = random.below(4);
  return jsonObjectOf(
    members.flatMap(([name, member], index) => {
      if (index !== at) return [[name, member]];
      if (how === 0) return [];
      if (how === 1) return [[`${name}x`, member]];
      return [[name, spoiled(member, random) as never]];
    }),
  );
}

describe('the JSON Schema of a workflow', () => {
  it('equals the shipped file', async () => {
    expect(JSON.parse(await readFile(FILE, 'utf8'))).toEqual(JSON.parse(toJsonText(SCHEMA)));
  });

  it('accepts every workflow in both forms', () => {
    for (let seed = 0; seed < 100; seed += 1) {
      for (const form of bothForms(seed)) expect([fits(form), fits.errors]).toEqual([true, null]);
    }
  });

  it.each<readonly [unknown, boolean]>([
    ['7d', true],
    [{ succeeded: '1d', failed: 'P30D' }, true],
    [{}, true],
    [7, false],
    [{ suceeded: '1d' }, false],
    [{ failed: 30 }, false],
  ])('takes %j as a retention or not, as validation does', (retention, isGood) => {
    for (const form of bothForms(1)) {
      const workflow = { ...form, retention };
      expect([fits(workflow), isTaken(workflow)]).toEqual([isGood, isGood]);
    }
  });

  it('refuses nothing that validation accepts', () => {
    const outcomes = { both: 0, neither: 0, laxer: 0 };
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), fc.nat(1), (seed, form) => {
        const workflow = spoiled(bothForms(seed)[form], new SeededRandom(seed));
        const [taken, fitting] = [isTaken(workflow), fits(workflow)];
        if (taken) expect([workflow, fits.errors]).toEqual([workflow, null]);
        outcomes[taken ? 'both' : fitting ? 'laxer' : 'neither'] += 1;
      }),
      { numRuns: 400 },
    );
    // An editor that has it finds most of what is wrong.
    expect(outcomes.neither).toBeGreaterThan(outcomes.laxer);
  });

  it.each<readonly [string, unknown]>([
    ['a misspelt type', { a: { htpp: { url: URL } } }],
    ['a misspelt parameter', { a: { http: { url: URL, metod: 'GET' } } }],
    ['no type', { a: { timeout: '5m' } }],
    ['two types', { a: { http: { url: URL }, decision: 'x' } }],
    ['a parameter that is missing', { a: { http: {} } }],
    ['a member that there is not', { a: { http: { url: URL }, needz: 'b' } }],
    ['a number of milliseconds', { a: { http: { url: URL }, timeout: 5_000 } }],
    ['a retry without attempts', { a: { http: { url: URL }, retry: {} } }],
  ])('refuses %s, as validation does', (_, tasks) => {
    expect([fits({ name: 'x', tasks }), isTaken({ name: 'x', tasks })]).toEqual([false, false]);
  });

  it.each([...TASK_TYPES_RUN])('describes "%s" and all its parameters', (_, behaviour) => {
    expect(behaviour.about).toMatch(/\.$/);
    for (const [, { about }] of behaviour.params) expect(about).toMatch(/\.$/);
  });
});
