import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { type JsonValue, parseJson, toJsonText } from '@app/json';
import { re2Patterns } from '@app/patterns';
import {
  type ActivityState,
  advance,
  BUILT_IN_TASKS,
  compile,
  type Input,
  type OutboxEntry,
  type RunScope,
  type WorkflowDefinition,
} from '@app/workflow-engine';
import { TASK_TYPES_RUN } from '../tasks/task-handler.js';

const FOLDER = path.join(import.meta.dirname, '../../../../test/fixtures/histories');
// eslint-disable-next-line no-restricted-syntax -- a test has no config class
const ACCEPTS = process.env['HISTORIES_ACCEPT'] === 'true';

/** A step of a real run, and what the engine of that release made of it (test/fixtures/README.md). */
interface Step {
  readonly before: ActivityState;
  readonly inputs: readonly Input[];
  readonly now: number;
  readonly pending: readonly OutboxEntry[] | null;
  readonly after: JsonValue;
}

interface History {
  readonly workflow: string;
  readonly definition: WorkflowDefinition;
  readonly scope: RunScope;
  readonly steps: readonly Step[];
}

function read(file: string): History {
  return parseJson(readFileSync(path.join(FOLDER, file), 'utf8')) as unknown as History;
}

/** What the engine makes of it today, as it would be stored. */
function replayed({ definition, scope }: History, step: Step): JsonValue {
  const plan = compile(definition, re2Patterns, TASK_TYPES_RUN);
  const { before, inputs, now, pending } = step;
  return parseJson(toJsonText(advance(plan, before, scope, inputs, now, pending ?? [])));
}

describe('steps of real runs', () => {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith('.json'));

  it('are of all task types, and of runs that wait for a slot or begin again', () => {
    const definitions = files.map((file) => read(file).definition);
    const types = new Set(definitions.flatMap(({ tasks }) => tasks.map(({ type }) => type)));

    expect([...BUILT_IN_TASKS.keys()].filter((type) => !types.has(type))).toEqual([]);
    expect(definitions.some(({ concurrency }) => concurrency !== undefined)).toBe(true);
    const states = files.flatMap((file) => read(file).steps.map(({ before }) => before));
    expect(states.some(({ status }) => status === 'queued')).toBe(true);
    expect(states.some(({ again }) => again !== undefined)).toBe(true);
  });

  it('are of typed parameters, of JSONPath, of filtered waits, and of what http sends and takes', () => {
    const definitions = files.map((file) => read(file).definition);
    const params = definitions.flatMap(({ tasks }) => tasks.flatMap(({ params = [] }) => params));
    const names = new Set(params.map(({ name }) => name));

    expect(['filter', 'form', 'files', 'results'].filter((name) => !names.has(name))).toEqual([]);
    expect(params.some(({ value }) => toJsonText(value).includes('[?@'))).toBe(true);
    expect(definitions.some((one) => one.params?.some(({ type }) => type !== undefined))).toBe(
      true,
    );
  });

  it('are of secrets of the installation and of events, and of access tokens', () => {
    const histories = files.map(read);
    const tasks = histories.flatMap(({ definition }) => definition.tasks);
    const given = tasks.flatMap(({ params = [] }) => params.map(({ name }) => name));

    expect(given).toContain('oauth2');
    expect(
      tasks.some((task) => toJsonText(task as unknown as JsonValue).includes('$(secrets.')),
    ).toBe(true);
    expect(
      histories.some(({ definition }) => definition.params?.some(({ secret }) => secret)),
    ).toBe(true);
  });

  it.each(files)('are decided as they were (%s)', (file) => {
    const history = read(file);
    const today = history.steps.map((step) => ({ ...step, after: replayed(history, step) }));
    if (ACCEPTS)
      writeFileSync(path.join(FOLDER, file), `${toJsonText({ ...history, steps: today })}\n`);

    for (const [at, { after }] of today.entries()) expect(after).toEqual(history.steps[at]?.after);
    expect(today.length).toBeGreaterThan(0);
  });
});
