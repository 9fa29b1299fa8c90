import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runCommand } from '../../tools/project/run-command.mjs';
import { projectRoot } from '../../tools/project/project-root.mjs';

/** What a build of the images gets: the paths that `.dockerignore` admits, in a folder like the checkout. */
let context: string;

beforeAll(() => {
  context = mkdtempSync(path.join(tmpdir(), 'flow-eventing-image-context-'));
  const patterns = linesOf('.dockerignore');
  expect(patterns[0]).toBe('**');
  const admitted = patterns.filter((line) => line.startsWith('!')).map((line) => line.slice(1));
  // What is left out of the admitted folders is named by the last part of its path.
  const leftOut = patterns.slice(1 + admitted.length).map(namesOf);
  for (const name of admitted) {
    cpSync(path.join(projectRoot, name), path.join(context, name), {
      recursive: true,
      filter: (file) => !leftOut.some((names) => names.test(path.basename(file))),
    });
  }
});

afterAll(() => {
  rmSync(context, { recursive: true, force: true });
});

it('has what the Dockerfile copies', () => {
  const copied = linesOf('Dockerfile')
    .filter((line) => /^COPY (?!--from)/.test(line))
    .flatMap((line) => line.split(' ').slice(1, -1));

  expect(copied).toContain('package-lock.json');
  expect(copied.filter((name) => !existsSync(path.join(context, name)))).toEqual([]);
});

it('has all that `npm run build` needs', async () => {
  symlinkSync(path.join(projectRoot, 'node_modules'), path.join(context, 'node_modules'));

  await runCommand('npm', ['run', '--silent', 'build'], { cwd: context });

  for (const app of ['listener', 'workflow-executor']) {
    const files = readdirSync(path.join(context, 'dist/bundles', app));
    // The build goes on if it can't compile a bundle ahead.
    expect(files.map((file) => path.extname(file))).toContain('.compiled');
    expect(files).toContain('main.js');
  }
});

function linesOf(name: string): string[] {
  const text = readFileSync(path.join(projectRoot, name), 'utf8');
  return text.split('\n').filter((line) => line !== '');
}

// Of a pattern like those for all files with such a name, in any folder.
function namesOf(pattern: string): RegExp {
  const [, name = ''] = /^\*\*\/([\w.*-]+)$/.exec(pattern) ?? [];
  expect(name).not.toBe('');
  return new RegExp(`^${name.replaceAll('.', String.raw`\.`).replaceAll('*', '.*')}$`);
}
