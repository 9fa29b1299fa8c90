import { type JsonObject } from '@app/json';
import { BUILT_IN_TASKS } from '../task-types/task-behaviours.js';
import { fakePatterns } from '../testing/fake-patterns.js';
import { validateDefinition } from '../validation/validate-definition.js';
import { importBoomerangV4 } from './import-workflow.js';

function withTask(task: JsonObject): JsonObject {
  const end = { name: 'end', type: 'end', dependencies: [{ taskRef: 'it' }] };
  const it = { name: 'it', dependencies: [{ taskRef: 'start' }], ...task };
  return { name: 'x', tasks: [{ name: 'start', type: 'start' }, it, end] };
}

/** The problems of the import and of the validation of its result, with paths of the export. */
function problemsOf(given: JsonObject): readonly (readonly [string, string])[] {
  const { workflow, problems, placeOf } = importBoomerangV4(given);
  const { tasks = null, params = [] } = workflow;
  const validation = validateDefinition({ tasks, params }, fakePatterns, BUILT_IN_TASKS);
  const left = validation.kind === 'invalid' ? validation.problems : [];
  return [
    ...problems,
    ...left.map(({ path: at = '', detail }) => ({ path: placeOf(at), detail })),
  ].map(({ path: at = '', detail }) => [at, detail]);
}

describe('an export of Boomerang Flow v4', () => {
  it.each<[string, JsonObject, string]>([
    ['an unknown member', { ...withTask({ type: 'manual' }), nodes: [] }, 'nodes'],
    ['workspaces', { ...withTask({ type: 'manual' }), workspaces: [{ name: 'w' }] }, 'workspaces'],
    ['another run after a timeout', { ...withTask({ type: 'manual' }), retries: 2 }, 'retries'],
    [
      'a status that would change',
      { ...withTask({ type: 'manual' }), status: 'inactive' },
      'status',
    ],
    [
      'a schedule, which nothing would fire',
      { ...withTask({ type: 'manual' }), triggers: { schedule: { enabled: true } } },
      'triggers.schedule.enabled',
    ],
    [
      'conditions that Boomerang ignores',
      {
        ...withTask({ type: 'manual' }),
        triggers: { webhook: { enabled: true, conditions: [{ field: '$.a' }] } },
      },
      'triggers.webhook.conditions',
    ],
    [
      'a password in clear',
      {
        ...withTask({ type: 'manual' }),
        params: [{ key: 'pw', type: 'password', defaultValue: 'x' }],
      },
      'params[0].defaultValue',
    ],
    [
      'one trigger by two names',
      {
        ...withTask({ type: 'manual' }),
        triggers: { event: { enabled: true }, custom: { enabled: false } },
      },
      'triggers.custom',
    ],
    [
      'two defaults',
      {
        ...withTask({ type: 'manual' }),
        params: [{ name: 'a', default: 'x', defaultValue: 'y' }],
      },
      'params[0].defaultValue',
    ],
    [
      'a dollar that would become an escape',
      withTask({ type: 'manual', params: [{ name: 'instructions', value: 'US$$(params.sum)' }] }),
      'tasks[1].params[0].value',
    ],
    ['an unknown type', withTask({ type: 'eventwat' }), 'tasks[1].type'],
    ['a template without its task', withTask({ type: 'template' }), 'tasks[1].taskRef'],
    ['a name that is no queue', withTask({ type: 'template', taskRef: 'A B' }), 'tasks[1].taskRef'],
    ['a member of a task', withTask({ type: 'manual', templateId: 'x' }), 'tasks[1].templateId'],
    ['a timeout that is none', withTask({ type: 'manual', timeout: 'soon' }), 'tasks[1].timeout'],
    [
      'a timeout that is too long',
      withTask({ type: 'manual', timeout: 10_000_000 }),
      'tasks[1].timeout',
    ],
    [
      'an unknown parameter behind one that was left out',
      withTask({
        type: 'manual',
        params: [
          { name: 'group', value: '' },
          { name: 'instruction', value: 'x' },
        ],
      }),
      'tasks[1].params[1].name',
    ],
    [
      'a reference to a fact that a run does not have',
      withTask({
        type: 'manual',
        params: [{ name: 'instructions', value: 'See $(context.params.wfe-url)' }],
      }),
      'tasks[1].params[0].value',
    ],
    [
      'the same without its scope',
      withTask({ type: 'manual', params: [{ name: 'instructions', value: '$(params.wfe-url)' }] }),
      'tasks[1].params[0].value',
    ],
    [
      'a reference to a result that has another name here',
      {
        name: 'x',
        tasks: [
          { name: 'start', type: 'start' },
          {
            name: 'run',
            type: 'runworkflow',
            dependencies: [{ taskRef: 'start' }],
            params: [{ name: 'workflowRef', value: 'w' }],
          },
          {
            name: 'say',
            type: 'manual',
            dependencies: [{ taskRef: 'run' }],
            params: [{ name: 'instructions', value: '$(tasks.run.results.workflowRunRef)' }],
          },
          { name: 'end', type: 'end', dependencies: [{ taskRef: 'say' }] },
        ],
      },
      'tasks[2].params[0].value',
    ],
    [
      'a reference to what only the worker gets',
      withTask({
        type: 'custom',
        params: [
          { name: 'image', value: 'a' },
          { name: 'command', value: 'run $(params.image)' },
        ],
      }),
      'tasks[1].params[1].value',
    ],
    [
      'a reference to what only the other run gets',
      withTask({
        type: 'runworkflow',
        params: [
          { name: 'workflowRef', value: 'w' },
          { name: 'a', value: '1' },
          { name: 'b', value: '$(params.a)' },
        ],
      }),
      'tasks[1].params[2].value',
    ],
    [
      'an unknown condition',
      withTask({
        type: 'manual',
        dependencies: [{ taskRef: 'start', executionCondition: 'maybe' }],
      }),
      'tasks[1].dependencies[0].executionCondition',
    ],
    [
      'tasks by name, as our short form has them',
      { name: 'x', tasks: { a: { manual: 'do it' } } },
      'tasks',
    ],
  ])('is refused with %s, at its place', (_what, given, place) => {
    expect(new Set(problemsOf(given).map(([at]) => at))).toEqual(new Set([place]));
  });

  it('takes a group without members, and with them, and a parameter that is called as what it refers to', () => {
    const group = { name: 'approverGroupId', value: 'finance' };
    const members = { name: 'members', value: ['ada', 'bob'] };
    const self = { name: 'order', value: '$(params.order)' };

    expect(problemsOf(withTask({ type: 'approval', params: [group] }))).toEqual([]);
    expect(problemsOf(withTask({ type: 'approval', params: [group, members] }))).toEqual([]);
    expect(problemsOf(withTask({ type: 'generic', params: [self] }))).toEqual([]);
  });
});
