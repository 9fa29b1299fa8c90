import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type App, builtApp } from '../../tools/project/build.mjs';
import { projectRoot } from '../../tools/project/project-root.mjs';

const APPS: readonly App[] = ['listener', 'workflow-executor'];

it('a bundle has source maps to our sources', () => {
  // It can't run outside of a thread.
  const program = path.join(path.dirname(builtApp('workflow-executor')), 'script-worker.js');
  const { status, stderr } = spawnSync(process.execPath, ['--enable-source-maps', program], {
    encoding: 'utf8',
  });

  expect(status).toBe(1);
  expect(stderr).toMatch(/apps\/workflow-executor\/src\/tasks\/script\/script-worker\.ts:\d+:\d+/);
});

it.each(APPS)('a bundle keeps the names of errors (%s)', (app) => {
  const bundle = readFileSync(builtApp(app), 'utf8');

  expect(bundle).toMatch(/\bStoreUnavailableError=class\b|\bclass StoreUnavailableError\b/);
  expect(bundle.match(/\bclass \w+Error\d+\b/g) ?? []).toEqual([]);
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
