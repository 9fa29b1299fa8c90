import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { compiledFile } from '../../tools/bundle/compiled-file.mjs';
import { type App, builtApp } from '../../tools/project/build.mjs';
import { projectRoot } from '../../tools/project/project-root.mjs';

const APPS: readonly App[] = ['listener', 'workflow-executor'];

/** Its own options of Node come before the program. */
function errorsOf(...args: string[]): string {
  const { status, stderr } = spawnSync(process.execPath, ['--enable-source-maps', ...args], {
    encoding: 'utf8',
    env: {},
  });
  expect(status).toBe(1);
  return stderr;
}

it('the bundle of a thread has source maps to our sources', () => {
  // It can't run outside of a thread.
  const program = path.join(path.dirname(builtApp('workflow-executor')), 'script-worker.js');

  expect(errorsOf(program)).toMatch(
    /apps\/workflow-executor\/src\/tasks\/script\/script-worker\.ts:\d+:\d+/,
  );
});

it.each(APPS)('the bundle of an app has source maps to our sources, line by line (%s)', (app) => {
  // What an app without settings does is complain.
  const unable = "process.stderr.write = () => { throw new Error('not now'); };";

  const stack = errorsOf(
    `--import=data:text/javascript,${encodeURIComponent(unable)}`,
    builtApp(app),
  );

  const [, line = ''] =
    /configOrExit \(.*libs\/bootstrap\/src\/run-app\.ts:(\d+):/.exec(stack) ?? [];
  const source = readFileSync(path.join(projectRoot, 'libs/bootstrap/src/run-app.ts'), 'utf8');
  expect(source.split('\n')[Number(line) - 1]).toContain('process.stderr.write(');
  expect(stack).toMatch(new RegExp(`apps/${app}/src/main\\.ts:\\d+:`));
});

it.each(APPS)('the bundle of an app keeps the names of errors (%s)', (app) => {
  const bundle = readFileSync(path.join(path.dirname(builtApp(app)), 'main.cjs'), 'utf8');

  expect(bundle).toMatch(/\bStoreUnavailableError=class\b|\bclass StoreUnavailableError\b/);
  expect(bundle.match(/\bclass \w+Error\d+\b/g) ?? []).toEqual([]);
});

describe('what V8 has compiled of a bundle', () => {
  /** Prints whether V8 has refused it, or that there is nothing. */
  const TELL = `import vm from 'node:vm'; const { Script } = vm; vm.Script = class extends Script {
    constructor(...args) { super(...args); console.error('rejected: ' + this.cachedDataRejected); }
  };`;
  const tell = `--import=data:text/javascript,${encodeURIComponent(TELL)}`;
  let folder: string;
  let main: string;
  let kept: string;
  let compiled: string;

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'flow-eventing-bundle-'));
    cpSync(path.dirname(builtApp('listener')), folder, { recursive: true });
    // By default, a file whose name ends with .js is no module.
    writeFileSync(path.join(folder, 'package.json'), '{"type":"module"}');
    main = path.join(folder, 'main.js');
    const [file = ''] = readdirSync(folder).filter((name) => name.endsWith('.compiled'));
    kept = path.join(folder, file);
    compiled = compiledFile(folder, readFileSync(path.join(folder, 'main.cjs')));
    renameSync(kept, compiled);
  });

  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it.each(APPS)('is used (%s)', (app) => {
    expect(errorsOf(tell, builtApp(app))).toMatch(/^rejected: false\nThe configuration is not/);
  });

  it('is left aside by V8 with other options', () => {
    expect(errorsOf('--stack-size=900', tell, main)).toMatch(/^rejected: true\nThe configuration/);
  });

  it('is left aside when it is cut off', () => {
    writeFileSync(compiled, readFileSync(compiled).subarray(0, 1_000_000));

    expect(errorsOf(tell, main)).toMatch(/^rejected: true\nThe configuration is not valid/);
  });

  it('may be missing', () => {
    rmSync(compiled);

    expect(errorsOf(tell, main)).toMatch(/^rejected: undefined\nThe configuration is not valid/);
  });

  it('is not used for a bundle that was moved: it has the path in it', () => {
    renameSync(compiled, kept);

    expect(errorsOf(tell, main)).toMatch(/^rejected: undefined\nThe configuration is not valid/);
  });

  it('is not used for another text of the same length', () => {
    const bundle = path.join(folder, 'main.cjs');
    const text = readFileSync(bundle, 'utf8');
    writeFileSync(bundle, text.replace("'use strict';", "throw 'anew';"));
    expect(readFileSync(bundle)).toHaveLength(Buffer.byteLength(text));

    expect(errorsOf(tell, main)).toMatch(/^rejected: undefined\n[^]*^anew$/m);
  });
});

it.each([
  ['Dockerfile', '"node", "--enable-source-maps", "dist/bundles/$APP/main.js"'],
  ['deploy/systemd/flow-$APP.service', 'node --enable-source-maps dist/bundles/$APP/main.js'],
])('a bundle is started by %s', (file, command) => {
  for (const app of APPS) {
    const text = readFileSync(path.join(projectRoot, file.replace('$APP', app)), 'utf8');
    expect(text).toContain(command.replace('$APP', app));
  }
});

it('the modules that benches load are built', () => {
  const bench = path.join(projectRoot, 'bench');
  const scripts = readdirSync(bench, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.mjs') && !file.includes('node_modules'))
    .map((file) => readFileSync(path.join(bench, file), 'utf8'));
  const loaded = scripts.flatMap((text) =>
    [...text.matchAll(/builtModule\(\s*'([^']+)'/g)].map(([, file]) => file ?? ''),
  );

  expect(loaded).toContain('libs/filters/src/index.js');
  expect(
    loaded.filter((file) => !existsSync(path.join(projectRoot, 'dist/modules', file))),
  ).toEqual([]);
  // Nothing else is built.
  expect(scripts.filter((text) => /\bdist\/(?!modules\b|bundles\b)/.test(text))).toEqual([]);
});

it('the image has the options of Node that its bundles were compiled with', () => {
  const text = readFileSync(path.join(projectRoot, 'Dockerfile'), 'utf8');
  const [, built] = /^RUN NODE_OPTIONS=(\S+) npm run build$/m.exec(text) ?? [];
  const [, run] = /^ENV .*NODE_OPTIONS=(.*)$/m.exec(text) ?? [];
  expect(built).toBeDefined();
  expect(built).toBe(run);
});
