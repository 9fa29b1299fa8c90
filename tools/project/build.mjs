import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { withLock } from './process-lock.mjs';
import { projectRoot } from './project-root.mjs';
import { runCommand } from './run-command.mjs';
import { say } from './say.mjs';

/** @typedef {'listener' | 'workflow-executor'} App */

/** @type {readonly App[]} */
const APPS = ['listener', 'workflow-executor'];
const SOURCE_FOLDERS = ['apps', 'libs', 'packages'];
const SETTINGS = [
  'package-lock.json',
  'tools/bundle.mjs',
  'tools/bundle/compile-ahead.mjs',
  'tools/bundle/compiled-file.mjs',
  'tools/bundle/keep-compiled.mjs',
  'tools/bundle/main.mjs',
  'tools/project/swc-options.mjs',
  'tools/transpile.mjs',
];

/** Tests, and what the builds of packages make: a package that is built is no reason to build the apps again. */
const NO_SOURCE = /\.(spec|int-spec|e2e-spec)\.ts$|(^|\/)(dist|node_modules)\//;

/** The fingerprint of the last compiled sources. It is in `dist/`, so that it is deleted together with the output. */
const STAMP = path.join(projectRoot, 'dist/built-from');

/**
 * @param {App} app
 * @returns {string} the path of the app's program
 */
export function builtApp(app) {
  return path.join(projectRoot, 'dist/bundles', app, 'main.js');
}

/**
 * Compiles and bundles both apps, unless nothing has changed since the last time.
 *
 * @param {AbortSignal} [signal]
 */
export async function ensureBuild(signal) {
  if (buildIsCurrent()) return;
  await withLock(
    path.join(projectRoot, '.cache/build.lock'),
    'builds the apps',
    async () => {
      if (buildIsCurrent()) return;
      say('Building the apps (npm run build) ...');
      const sources = describeSources();
      await runCommand('npm', ['run', '--silent', 'build'], { signal });
      writeFileSync(STAMP, sources);
    },
    signal,
  );
}

function buildIsCurrent() {
  return (
    APPS.every((app) => existsSync(builtApp(app))) &&
    existsSync(STAMP) &&
    readFileSync(STAMP, 'utf8') === describeSources()
  );
}

/** @returns {string} changes when a source file is changed, added, removed or renamed, and with the version of Node */
function describeSources() {
  const hash = createHash('sha256').update(process.version);
  for (const file of [...SETTINGS, ...SOURCE_FOLDERS.flatMap(sourcesBelow)].sort()) {
    const { size, mtimeMs } = statSync(path.join(projectRoot, file));
    hash.update(JSON.stringify([file, size, mtimeMs]));
  }
  return hash.digest('hex');
}

/**
 * @param {string} folder
 * @returns {string[]}
 */
function sourcesBelow(folder) {
  return readdirSync(path.join(projectRoot, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(ts|json)$/.test(file) && !NO_SOURCE.test(file))
    .map((file) => path.join(folder, file));
}
