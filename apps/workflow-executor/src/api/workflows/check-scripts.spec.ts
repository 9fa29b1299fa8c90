import { type ScriptCheck, type ScriptMistake } from '../../tasks/script/script-check.js';
import { checkScripts } from './check-scripts.js';
import { readWorkflow } from './read-workflow.js';
import { readYaml } from './yaml/yaml-document.js';
import { YamlBody } from './yaml/yaml-bodies.js';

/** Finds a mistake in each script that says so. */
const CHECK: Pick<ScriptCheck, 'mistakesIn'> = {
  mistakesIn: (sources) =>
    Promise.resolve(
      sources.flatMap((source, index): readonly ScriptMistake[] =>
        source.includes('wrong')
          ? [{ index, message: 'unexpected token', line: 2, column: 7 }]
          : [],
      ),
    ),
};

async function problemsOf(body: unknown): Promise<unknown> {
  const { definition } = readWorkflow(body);
  return checkScripts(definition, body, CHECK).then(
    () => [],
    (error: unknown) => (error as { readonly problems: unknown }).problems,
  );
}

const detail = 'is no JavaScript: unexpected token (line 2, column 7 of the script)';

describe(checkScripts.name, () => {
  it('names the script and its place in it, in the short form', async () => {
    const body = {
      name: 'computes',
      tasks: {
        fine: { script: 'return 1' },
        'to text': { script: 'wrong', needs: 'fine' },
        object: { script: { source: 'wrong', input: 1 } },
        other: { 'set-property': { output: 'a', value: 'wrong' } },
      },
      finally: { last: { script: { source: 'wrong' } } },
    };

    expect(await problemsOf(body)).toEqual([
      { path: 'tasks.to text.script', detail },
      { path: 'tasks.object.script.source', detail },
      { path: 'finally.last.script.source', detail },
    ]);
  });

  it('does so in the long form', async () => {
    const source = { name: 'source', value: 'wrong' };
    const script = {
      ...{ name: 'a', type: 'script', dependencies: [{ taskRef: 'start' }] },
      params: [{ name: 'input', value: 1 }, source],
    };
    const end = { name: 'end', type: 'end', dependencies: [{ taskRef: 'a' }] };
    const tasks = [{ name: 'start', type: 'start' }, script, end];

    expect(await problemsOf({ name: 'computes', tasks })).toEqual([
      { path: 'tasks[1].params[1].value', detail },
    ]);
  });

  it('has the line and the column of the script in YAML', async () => {
    const text = 'name: computes\ntasks:\n  a:\n    script:\n      source: |\n        wrong\n';
    const read = readYaml(text, { nestingMax: 64, membersMax: 1_000 });
    if (read.kind !== 'read') throw new Error('The YAML can not be read');

    expect(await problemsOf(new YamlBody(read.value, read.placeOf))).toEqual([
      { path: 'tasks.a.script.source', detail, line: 5, column: 7 },
    ]);
  });
});
