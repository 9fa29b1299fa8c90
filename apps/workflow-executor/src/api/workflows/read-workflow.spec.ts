import { DEFAULT_FILTER_LIMITS } from '@app/filters';
import { BodyInvalidError } from '@app/http';
import { aDefinition, aTask } from '@app/workflow-engine/testing';
import { readWorkflow } from './read-workflow.js';
import { YamlBody } from './yaml/yaml-bodies.js';
import { readYaml } from './yaml/yaml-document.js';

const GOOD = { name: 'a-workflow', ...aDefinition() };

function problemsOf(body: unknown): readonly string[] {
  try {
    readWorkflow(body);
    return [];
  } catch (error) {
    if (!(error instanceof BodyInvalidError)) throw error;
    return error.problems.map(({ path }) => path ?? '');
  }
}

/** The places of what is wrong. */
function placesOf(read: () => unknown): readonly (readonly unknown[])[] {
  try {
    read();
    return [];
  } catch (error) {
    if (!(error instanceof BodyInvalidError)) throw error;
    return error.problems.map(({ path, line, column }) => [path, line, column]);
  }
}

function yamlBodyOf(text: string): YamlBody {
  const read = readYaml(text, { nestingMax: 64, membersMax: 1_000 });
  if (read.kind !== 'read') throw new Error(JSON.stringify(read));
  return new YamlBody(read.value, read.placeOf);
}

describe(readWorkflow.name, () => {
  it.each(['generic', 'custom', 'template'])('refuses a %s task without NATS', (type) => {
    const body = { name: 'a-workflow', tasks: { invoice: { [type]: 'invoices' } } };

    expect(readWorkflow(body).definition.tasks).toHaveLength(3);
    expect(() => readWorkflow(body, false)).toThrow(BodyInvalidError);
    try {
      readWorkflow(body, false);
    } catch (error) {
      expect(error).toHaveProperty('problems', [
        {
          path: 'tasks',
          detail: expect.stringContaining(`"invoice" of the type ${type}`) as string,
        },
      ]);
    }
  });

  it('separates head and definition', () => {
    const { head, definition } = readWorkflow({
      ...GOOD,
      id: 'known-to-senders',
      triggers: { event: { enabled: true } },
      labels: { team: 'blue' },
    });

    expect(head).toMatchObject({ id: 'known-to-senders', name: 'a-workflow' });
    expect(definition).toMatchObject(aDefinition());
  });

  it('reports the problems of both at once', () => {
    const tasks = [...aDefinition().tasks, aTask('lost', 'set-property', ['nowhere'])];
    const body = { ...GOOD, name: 'Not Kebab', id: 'a b', colour: 'red', tasks };

    expect(problemsOf(body)).toEqual(
      expect.arrayContaining(['name', 'id', 'colour', 'tasks[2].dependencies[0].taskRef']),
    );
  });

  it.each([
    ['an unknown kind', { email: { enabled: true } }],
    ['something that is no switch', { event: true }],
    ['a switch that is neither on nor off', { event: { enabled: 'yes' } }],
    ['more than a switch', { event: { enabled: true, token: 'x' } }],
  ])('refuses triggers with %s', (_what, triggers) => {
    expect(problemsOf({ ...GOOD, triggers })).toEqual(['triggers']);
  });

  it('reports the problems of filters with their paths', () => {
    const filtered = (filter: unknown): object => ({
      ...GOOD,
      triggers: { event: { enabled: true, filter }, webhook: { enabled: false } },
    });

    expect(problemsOf(filtered({ exact: { type: 'a' } }))).toEqual([]);
    expect(problemsOf(filtered({ any: [{ exact: { A: '' } }, { sql: 'x =' }] }))).toEqual([
      'triggers.event.filter.any[0].exact.A',
      'triggers.event.filter.any[1].sql',
    ]);
    expect(problemsOf(filtered(null))).toEqual(['triggers.event.filter']);
  });

  it('reads how long ended activities are kept, and reports what is wrong with it with line and column in YAML', () => {
    const { retention } = readWorkflow({ ...GOOD, retention: { failed: '30d' } });
    expect(retention).toEqual({ failed: 30 * 86_400_000 });
    const text = `name: a-workflow
tasks: { wait: { sleep: 1s } }
retention:
  failed: 30d
  sucseeded: 1d
  refused: 1h
`;
    expect(placesOf(() => readWorkflow(yamlBodyOf(text)))).toEqual([
      ['retention.sucseeded', 5, 3],
      ['retention.refused', 6, 3],
    ]);
  });

  it('reports the problems of filters of waits with line and column in YAML, within the bounds that are set', () => {
    const text = `name: a-workflow
tasks:
  paid:
    wait-for-event:
      topic: paid
      filter:
        any:
          - exact: { Source: /pay }
          - conditions: [{ field: data, operation: equals, value: 12 }]
`;
    const body = yamlBodyOf(text);

    expect(placesOf(() => readWorkflow(body))).toEqual([
      ['tasks.paid.wait-for-event.filter.any[0].exact.Source', 8, 22],
      ['tasks.paid.wait-for-event.filter.any[1].conditions[0].field', 9, 28],
    ]);
    const one = {
      paid: { 'wait-for-event': { topic: 'paid', filter: { exact: { topic: 'a', status: 'b' } } } },
    };
    const limits = { ...DEFAULT_FILTER_LIMITS, clausesMax: 1 };
    expect(placesOf(() => readWorkflow({ name: 'a', tasks: one }, true, limits))).toEqual([
      ['tasks.paid.wait-for-event.filter.exact.status', undefined, undefined],
    ]);
  });

  it('says how to send an export of Boomerang, for such an export only', () => {
    const aTaskOf = (type: string): object => ({ name: 'a', tasks: [{ name: 'a', type }] });

    expect(() => readWorkflow(aTaskOf('eventwait'))).toThrow('?from=boomerang-v4');
    expect(() => readWorkflow(aTaskOf('script'))).not.toThrow('?from=boomerang-v4');
    expect(() => readWorkflow(aTaskOf('script'))).toThrow(BodyInvalidError);
  });

  it('keeps labels of every name, and refuses unknown members of every name', () => {
    const names = ['constructor', 'toString', 'hasOwnProperty', 'then'];
    const oddlyNamed = Object.fromEntries(names.map((name) => [name, 'x']));

    expect(readWorkflow({ ...GOOD, labels: oddlyNamed }).head.labels).toEqual(oddlyNamed);
    expect(problemsOf({ ...GOOD, ...oddlyNamed })).toEqual(names);
  });

  it.each(['id', 'displayName', 'description', 'triggers', 'labels', 'timeoutMs', 'params'])(
    'refuses null as %s',
    (member) => {
      expect(new Set(problemsOf({ ...GOOD, [member]: null }))).toEqual(new Set([member]));
    },
  );

  it.each([
    ['null', null],
    ['a list', []],
    ['text', 'x'],
  ])('refuses %s as a workflow', (_what, body) => {
    expect(() => readWorkflow(body)).toThrow(BodyInvalidError);
  });
});
