import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import {
  type ConfigClass,
  configTable,
  describeConfig,
  FlowConfig,
  misspeltNames,
} from '@app/config';
import { ListenerConfig } from '../apps/listener/src/listener.config.js';
import { WorkflowExecutorConfig } from '../apps/workflow-executor/src/workflow-executor.config.js';

const ROOT = path.resolve(import.meta.dirname, '..');

/** Names in the same style that are not ours: Node's, undici's, the parser's, the system's and CESQL's. */
const FOREIGN =
  /^(ERR|UND|HPE|EAI)_|^ETIMEDOUT$|^CONCAT_WS$|^UNKNOWN_CA$|^CERTIFICATE_|_CERTIFICATE$/;

/** Names in the same style that docs/operations.md takes from MongoDB and NATS. */
const NAMES_OF_STORES = [
  'FLOW_ANSWERS',
  'FLOW_BATCHES',
  'FLOW_EVENTS',
  'FLOW_DISPATCHES',
  'FLOW_SIGNALS',
  'FLOW_STATUS',
  'FLOW_TASKS',
  'MONGO_INITDB_ROOT_PASSWORD',
];

/** Settings of either app, under their former names, too: types and decorators name them in the same style. */
const SETTINGS = new Set(
  [...describeConfig(ListenerConfig), ...describeConfig(WorkflowExecutorConfig)].flatMap(
    ({ name, formerName }) => [name, formerName ?? name],
  ),
);

async function doc(name: string): Promise<string> {
  return readFile(path.join(ROOT, 'docs', name), 'utf8');
}

async function sources(): Promise<readonly string[]> {
  const folders = ['apps', 'libs'].map((name) => path.join(ROOT, name));
  const files = await Promise.all(folders.map((name) => readdir(name, { recursive: true })));
  return files.flatMap((names, at) =>
    names
      .filter((name) => /\/src\/.*\.ts$/.test(name) && !/\.spec\.ts$|\/testing\//.test(name))
      .map((name) => path.join(folders[at] ?? '', name)),
  );
}

/** What the compose files and the Dockerfile can be told. */
async function namesOfContainers(): Promise<readonly string[]> {
  const names = ['docker-compose.yml', 'docker-compose.cluster.yml', 'Dockerfile'];
  const texts = await Promise.all(names.map((name) => readFile(path.join(ROOT, name), 'utf8')));
  return texts.flatMap((text) => text.match(/(?<=\$\{|^ARG )[A-Z_]+/gm) ?? []);
}

describe('docs/errors.md', () => {
  it('lists every error code of the source, and no other', async () => {
    const texts = await Promise.all((await sources()).map((file) => readFile(file, 'utf8')));
    const quoted = texts.flatMap((text) => text.match(/'[A-Z][A-Z0-9]*(_[A-Z0-9]+)+'/g) ?? []);
    const single = texts.flatMap((text) => text.match(/(?<=code = |CANCELLED: )'[A-Z]+'/g) ?? []);
    const names = [...quoted, ...single].map((code) => code.slice(1, -1));
    const inCode = new Set(names.filter((name) => !SETTINGS.has(name)));
    const rows = (await doc('errors.md')).match(/(?<=^\| `)[A-Z0-9_]+(?=` +\|)/gm) ?? [];

    expect(rows.toSorted()).toEqual([...inCode].filter((code) => !FOREIGN.test(code)).sort());
  });
});

describe('docs/configuration.md', () => {
  const common = describeConfig(FlowConfig);
  const isCommon = ({ name }: { name: string }): boolean => common.some((row) => row.name === name);

  it.each([
    ['both apps', common],
    ['the listener', describeConfig(ListenerConfig).filter((row) => !isCommon(row))],
    ['the executor', describeConfig(WorkflowExecutorConfig).filter((row) => !isCommon(row))],
  ])('has a table of the settings of %s', async (_app, rows) => {
    const squeezed = (table: string): string => table.replaceAll(/ +/g, ' ').replaceAll(/-+/g, '-');

    expect(squeezed(await doc('configuration.md'))).toContain(squeezed(configTable(rows)));
  });

  it('has no setting of one app that the other takes for a misspelt one, as they may share a file', () => {
    const apps: readonly ConfigClass<object>[] = [ListenerConfig, WorkflowExecutorConfig];
    const names = apps.flatMap((app) => describeConfig(app)).map(({ name }) => name);

    expect(
      apps.flatMap((app) => names.flatMap((name) => misspeltNames(app, { [name]: 'x' }))),
    ).toEqual([]);
  });

  it('describes each variable', () => {
    const all = [...describeConfig(ListenerConfig), ...describeConfig(WorkflowExecutorConfig)];

    expect(all.filter(({ description }) => description === '')).toEqual([]);
  });
});

describe('docs/operations.md', () => {
  it('names only existing variables and codes', async () => {
    const variables = [
      ...describeConfig(ListenerConfig),
      ...describeConfig(WorkflowExecutorConfig),
    ];
    const codes = (await doc('errors.md')).match(/(?<=^\| `)[A-Z0-9_]+(?=` +\|)/gm) ?? [];
    const known = new Set([
      ...variables.map(({ name }) => name),
      ...codes,
      ...NAMES_OF_STORES,
      'NODE_EXTRA_CA_CERTS',
      ...(await namesOfContainers()),
    ]);
    const named = (await doc('operations.md')).match(/\b[A-Z][A-Z0-9]*(_[A-Z0-9]+)+\b/g) ?? [];

    expect(named.filter((name) => !known.has(name))).toEqual([]);
  });
});

describe('a heading that is referred to', () => {
  it.each(['apps', 'libs', 'deploy', 'docs', 'test', 'tools'])(
    'exists, for references from %s',
    async (folder) => {
      const names = await readdir(path.join(ROOT, folder), { recursive: true });
      const texts = await Promise.all(
        names
          .filter((name) => /\.(ts|mjs|md|ya?ml)$/.test(name))
          .map((name) => readFile(path.join(ROOT, folder, name), 'utf8')),
      );
      const places = texts.flatMap(
        (text) => text.match(/(?<=docs\/)[a-z-]+\.md#[a-z0-9_-]+/g) ?? [],
      );

      const missing: string[] = [];
      for (const place of new Set(places)) {
        const [name = '', anchor = ''] = place.split('#');
        if (!anchorsIn(await doc(name)).has(anchor)) missing.push(place);
      }
      expect(missing).toEqual([]);
    },
  );
});

/** As GitHub makes them of headings. */
function anchorsIn(text: string): ReadonlySet<string> {
  const headings = text.match(/(?<=^#+ ).+$/gm) ?? [];
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replaceAll(/[^a-z0-9 _-]/g, '')
        .replaceAll(' ', '-'),
    ),
  );
}
