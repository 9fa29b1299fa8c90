import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { projectRoot } from '../tools/project/project-root.mjs';

const run = promisify(execFile);
const TSC = path.join(projectRoot, 'node_modules/typescript/bin/tsc');
const STRICT = ['--strict', '--noEmit', '--module', 'nodenext', '--target', 'es2022'];

const NPM_AND_TSC_MS_MAX = 120_000;

/*
 * What somebody who installs a package gets, and nothing else: it is packed, installed from the archive into
 * a folder outside of the repository, and used there.
 */
describe('@flow-eventing/events, installed from its archive', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'flow-package-'));
    const options = { cwd: projectRoot };
    await run('npm', ['pack', '-w', 'packages/events', '--pack-destination', folder], options);
    const [archive = ''] = await readdir(folder);
    await writeFile(path.join(folder, 'package.json'), '{ "type": "module" }');
    await run('npm', ['install', '--offline', '--no-audit', '--no-fund', archive], { cwd: folder });
  }, NPM_AND_TSC_MS_MAX);

  afterAll(() => rm(folder, { recursive: true }));

  async function compile(source: string): Promise<string> {
    await writeFile(path.join(folder, 'use.ts'), source);
    const done = await run(process.execPath, [TSC, ...STRICT, 'use.ts'], { cwd: folder }).catch(
      (error: unknown) => error as { readonly stdout: string },
    );
    return done.stdout;
  }

  it('contains its declared files and its licence, and nothing else of the repository', async () => {
    const files = await readdir(path.join(folder, 'node_modules/@flow-eventing/events'), {
      recursive: true,
    });

    expect(files.sort()).toEqual(
      ['LICENSE', 'README.md', 'dist', 'dist/index.d.ts', 'dist/index.js', 'package.json'].sort(),
    );
  });

  it('can be imported', async () => {
    await writeFile(path.join(folder, 'use.js'), "import '@flow-eventing/events';");

    await run(process.execPath, ['use.js'], { cwd: folder });
  });

  it(
    'has types of events, receipts and problems',
    async () => {
      const used = await compile(`
      import { type BatchAnswer, type ProblemDetails, type StructuredEvent } from '@flow-eventing/events';
      export const event: StructuredEvent<{ a: number }> =
        { specversion: '1.0', id: '1', source: '/s', type: 't', data: { a: 1 }, mine: 'x' };
      export const ids = (answer: BatchAnswer) => answer.map((entry) => entry.id);
      export const codeOf = ({ code }: ProblemDetails): string => code;
    `);
      const misused = await compile(`
      import { type StructuredEvent } from '@flow-eventing/events';
      export const event: StructuredEvent<{ a: number }> =
        { specversion: '1.0', id: '1', source: '/s', type: 't', data: { a: 'text' } };
    `);

      expect(used).toBe('');
      expect(misused).toContain("Type 'string' is not assignable to type 'number'");
    },
    NPM_AND_TSC_MS_MAX,
  );
});
