import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type JsonObject, parseJson } from '@app/json';
import { isJsonArray, isJsonObject } from '@app/json';
import { BUILT_IN_TASKS } from '../task-types/task-behaviours.js';
import { fakePatterns } from '../testing/fake-patterns.js';
import { type TaskDefinition } from '../definition/definition.js';
import { validateDefinition } from '../validation/validate-definition.js';
import { IGNORED_OF_PARAM } from './import-param-spec.js';
import { BOOMERANG_TYPES, IGNORED_OF_TASK } from './import-task.js';
import { IGNORED_OF_WORKFLOW, importBoomerangV4 } from './import-workflow.js';

const ROOT = path.resolve(import.meta.dirname, '../../../..');

function exported(name: string): JsonObject {
  const text = readFileSync(path.join(ROOT, 'examples/boomerang-v4', `${name}.json`), 'utf8');
  const value = parseJson(text);
  if (!isJsonObject(value)) throw new Error(`${name} is no object`);
  return value;
}

/** The valid workflow that an export without problems becomes. */
function definitionOf(given: JsonObject): {
  readonly tasks: readonly TaskDefinition[];
  readonly workflow: JsonObject;
} {
  const { workflow, problems } = importBoomerangV4(given);
  const { tasks, params, timeoutMs } = workflow;
  const definition = Object.fromEntries(
    Object.entries({ tasks, params, timeoutMs }).filter(([, value]) => value !== undefined),
  );
  const validation = validateDefinition(definition, fakePatterns, BUILT_IN_TASKS);
  expect(problems).toEqual([]);
  if (validation.kind === 'invalid') throw new Error(JSON.stringify(validation.problems, null, 1));
  return { tasks: validation.definition.tasks, workflow };
}

function taskIn(tasks: readonly TaskDefinition[], name: string): unknown {
  const task = tasks.find((one) => one.name === name);
  return (
    task && {
      ...task,
      params: Object.fromEntries((task.params ?? []).map((p) => [p.name, p.value])),
    }
  );
}

describe('an export of Boomerang Flow v4', () => {
  it('with every type of task becomes a workflow that is valid', () => {
    const given = exported('every-task');
    const { tasks, workflow } = definitionOf(given);

    const types = isJsonArray(given['tasks'])
      ? given['tasks'].map((task) => (isJsonObject(task) ? task['type'] : undefined))
      : [];
    expect(new Set(types)).toEqual(new Set(BOOMERANG_TYPES.keys()));
    expect(workflow).toMatchObject({
      id: '651b91a77fbb1a64ab8b7154',
      name: 'order-to-cash',
      labels: { team: 'finance' },
      timeoutMs: 3_600_000,
      triggers: { manual: { enabled: true }, schedule: { enabled: false } },
      params: [
        { name: 'orderId', description: 'Which order.', required: true },
        { name: 'env', required: false, default: 'test' },
      ],
    });
    expect(taskIn(tasks, 'Lock the order')).toMatchObject({
      type: 'acquire-lock',
      params: { key: 'order-$(params.orderId)', lease: '3600000' },
    });
    expect(taskIn(tasks, 'Ask finance')).toMatchObject({
      type: 'approval',
      params: { group: '64ad3c599d355450e1c2c5aa', approvers: '1' },
    });
    expect(taskIn(tasks, 'Tell the customer')).toMatchObject({
      type: 'run-workflow',
      params: {
        workflowRef: '651cffa3e99fd73f5122879d',
        wait: false,
        params: { order: '$(params.orderId)' },
      },
    });
    expect(taskIn(tasks, 'Remind later')).toMatchObject({
      type: 'run-scheduled-workflow',
      params: { futureIn: '2', time: '09:00', params: { order: '$(params.orderId)' } },
    });
  });

  it('has tasks of the catalogue run by workers, with the input that Boomerang gives its agents', () => {
    const { tasks } = definitionOf(exported('every-task'));

    expect(taskIn(tasks, 'Build')).toMatchObject({
      type: 'template',
      timeoutMs: 1_800_000,
      params: {
        queue: 'execute-build',
        group: 'finance',
        input: {
          type: 'template',
          taskRef: 'finance/execute-build',
          taskVersion: 3,
          params: { path: '/work', command: 'make ENV=$(params.env) TAG=$$(git describe)' },
          results: [{ name: 'image' }],
          // References of a spec are to the task's own parameters: the worker has both.
          spec: { arguments: ['-c', 'cd $$(params.path) && $$(params.command)'] },
        },
      },
    });
    expect(taskIn(tasks, 'Check')).toMatchObject({
      type: 'custom',
      params: {
        queue: 'execute-script',
        input: {
          type: 'script',
          params: { script: '#!/bin/sh\necho $$(date) $(tasks.Build.results.image)' },
        },
      },
    });
    expect(taskIn(tasks, 'Hand over')).toMatchObject({
      type: 'generic',
      params: { queue: 'generic' },
    });
  });

  it('keeps its conditions, of edges and of the trigger for events', () => {
    const { tasks, workflow } = definitionOf(exported('conditions'));

    expect(tasks.map(({ name, dependencies }) => [name, dependencies])).toEqual([
      ['start', []],
      ['Kind', [{ taskRef: 'start' }]],
      ['Bug', [{ taskRef: 'Kind', decisionCondition: 'bug\ndefect.*' }]],
      ['Other', [{ taskRef: 'Kind' }]],
      ['Fails', [{ taskRef: 'Bug', executionCondition: 'success' }]],
      ['Went well', [{ taskRef: 'Fails', executionCondition: 'success' }]],
      ['Went wrong', [{ taskRef: 'Fails', executionCondition: 'failure' }]],
      ['In any case', [{ taskRef: 'Fails' }]],
      ['end', ['Other', 'Went wrong', 'In any case', 'Went well'].map((taskRef) => ({ taskRef }))],
    ]);
    expect(taskIn(tasks, 'Went wrong')).toMatchObject({ params: { output: 'lock', value: '' } });
    expect(workflow['triggers']).toMatchObject({
      event: {
        enabled: true,
        filter: {
          conditions: [
            { field: '$.data.kind', operation: 'in', values: ['bug', 'question'] },
            { field: '$.source', operation: 'matches', value: 'https://.*' },
          ],
        },
      },
    });
  });

  it('passes an empty text on to the run that a task begins', () => {
    const run = {
      name: 'it',
      type: 'runworkflow',
      dependencies: [{ taskRef: 'start' }],
      params: [
        { name: 'workflowRef', value: 'w' },
        { name: 'note', value: '' },
      ],
    };
    const end = { name: 'end', type: 'end', dependencies: [{ taskRef: 'it' }] };
    const { tasks } = definitionOf({
      name: 'x',
      tasks: [{ name: 'start', type: 'start' }, run, end],
    });

    expect(taskIn(tasks, 'it')).toMatchObject({ params: { params: { note: '' } } });
  });

  it.each([
    ['minutes', false],
    ['days', true],
  ])('that begins a run in some %s has a time of day: %s', (futurePeriod, hasTime) => {
    const params = Object.entries({ workflowRef: 'w', futureIn: '5', futurePeriod, time: '09:00' });
    const given = [...params, ['timezone', 'UTC']].map(([name = '', value = '']) => ({
      name,
      value,
    }));
    const { tasks } = definitionOf({
      name: 'x',
      tasks: [
        { name: 'start', type: 'start' },
        {
          name: 'it',
          type: 'runscheduledworkflow',
          dependencies: [{ taskRef: 'start' }],
          params: given,
        },
        { name: 'end', type: 'end', dependencies: [{ taskRef: 'it' }] },
      ],
    });

    expect(tasks[1]?.params?.some(({ name }) => name === 'time')).toBe(hasTime);
  });

  it('ignores only members that the documentation names', () => {
    const docs = readFileSync(path.join(ROOT, 'docs/compatibility.md'), 'utf8');
    const section = docs.slice(docs.indexOf('## Import of workflows'));
    const ignored = [...IGNORED_OF_WORKFLOW, ...IGNORED_OF_TASK, ...IGNORED_OF_PARAM];

    expect(ignored.filter((name) => !section.includes(`\`${name}\``))).toEqual([]);
  });
});
