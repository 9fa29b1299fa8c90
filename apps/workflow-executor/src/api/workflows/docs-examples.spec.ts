import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { BodyInvalidError } from '@app/http';
import { parseDocument } from 'yaml';
import { TASK_TYPES_RUN } from '../../tasks/task-handler.js';
import { readWorkflow } from './read-workflow.js';

const ROOT = path.resolve(import.meta.dirname, '../../../../..');
/** Other documents than workflows: a configuration of Prometheus, a job of GitHub. */
const OTHERS = ['rule_files', 'jobs'];
/** What stands beside tasks. */
const BESIDE_TASKS = ['concurrency', 'params', 'retry', 'notify', 'retention'];
const ANY_TASKS = { work: { sleep: '1s' } };

type Members = Readonly<Record<string, unknown>>;

const FILES = [
  'README.md',
  ...readdirSync(path.join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' }).map(
    (name) => `docs/${name}`,
  ),
  ...readdirSync(path.join(ROOT, 'packages')).map((name) => `packages/${name}/README.md`),
].filter((name) => name.endsWith('.md'));

/** The examples of workflows in the documents, whole or a part of one, by file and line. */
const EXAMPLES = FILES.flatMap((file) => {
  const text = readFileSync(path.join(ROOT, file), 'utf8');
  return [...text.matchAll(/^```ya?ml\n(.*?)^```/gms)].map(({ 1: yaml = '', index }) => {
    const line = text.slice(0, index).split('\n').length;
    return [`${file}:${line}`, parseDocument(yaml).toJS() as Members] as const;
  });
}).filter(([, members]) => !OTHERS.some((name) => name in members));

const IN_FILES = ['refund.yaml', 'release.yaml', 'trip.yaml', 'hello.json', 'call.json'].map(
  (name) => {
    const file = `examples/workflows/${name}`;
    return [
      file,
      parseDocument(readFileSync(path.join(ROOT, file), 'utf8')).toJS() as Members,
    ] as const;
  },
);

/** The whole workflow that an example is a part of. */
function whole(example: Members): Members {
  if (BESIDE_TASKS.some((name) => name in example) || 'tasks' in example) {
    const { tasks = ANY_TASKS } = example;
    return { name: 'example', ...example, tasks: tasks === '…' ? ANY_TASKS : tasks };
  }
  return { name: 'example', tasks: example };
}

function problemsOf(workflow: Members): readonly unknown[] {
  try {
    readWorkflow(workflow);
    return [];
  } catch (error) {
    if (!(error instanceof BodyInvalidError)) throw error;
    return error.problems;
  }
}

describe('the examples of workflows in the documents', () => {
  it('exist', () => {
    expect(EXAMPLES.length).toBeGreaterThan(20);
  });

  it.each([...EXAMPLES, ...IN_FILES])('%s can be saved', (_place, example) => {
    expect(problemsOf(whole(example))).toEqual([]);
  });
});

/** The rows of all tables in a document whose first cell is names in backticks, with those names. */
function rowsOf(file: string): readonly (readonly [names: readonly string[], row: string])[] {
  const rows = readFileSync(path.join(ROOT, file), 'utf8').match(/^\| `.*/gm) ?? [];
  return rows.map((row) => [namesIn(row.split(' | ')[0] ?? ''), row]);
}

function namesIn(cell: string): readonly string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
}

describe('the tables of task types in the documents', () => {
  const types = [...TASK_TYPES_RUN].filter(([type]) => type !== 'start' && type !== 'end');
  const table = rowsOf('docs/workflows.md');

  it.each(types)('docs/workflows.md has %s with its results', (type, { resultNames }) => {
    const found = table.filter(([names]) => names.includes(type));
    const results = found.flatMap(([, row]) => namesIn(row.split(' | ').at(-1) ?? ''));

    expect(found).toHaveLength(1);
    if (resultNames !== 'any') expect(resultNames).toEqual(expect.arrayContaining([...results]));
  });

  it.each([
    ['http', 'docs/http-task.md'],
    ['event', 'docs/event-task.md'],
    ['script', 'docs/script-task.md'],
    ['generic', 'docs/worker-protocol.md'],
  ])('of %s in %s has all its parameters', (type, file) => {
    const told = rowsOf(file).flatMap(([names]) => names);
    const params = [...(TASK_TYPES_RUN.get(type)?.params.keys() ?? [])];

    expect(params).not.toEqual([]);
    expect(params.filter((param) => !told.includes(param))).toEqual([]);
  });
});
