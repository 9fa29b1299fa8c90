import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { decode, encode } from '@jridgewell/sourcemap-codec';
import { build } from 'esbuild';
import { compileAhead } from './bundle/compile-ahead.mjs';
import { forThisNode } from './bundle/shared-classes.mjs';

/**
 * The second half of `npm run build`: makes one file of each app and the packages that it needs.
 * A process that loads one file instead of 1,500 is ready with a third of the CPU time
 * (docs/adr/0039-apps-are-bundled.md).
 *
 * Stack traces name the lines of our own sources, and only the files of packages. With all lines of all packages the
 * source map would be ten times as large. A process reads it at its first error and does nothing else meanwhile, so the
 * map has no columns either.
 */

const DIST = path.resolve(import.meta.dirname, '../dist');
const MODULES = path.join(DIST, 'modules/apps');
const BUNDLES = path.join(DIST, 'bundles');
/** Where they are made: an app that starts meanwhile finds the former ones, and never a part of the new. */
const UNFINISHED = path.join(DIST, 'bundles-unfinished');

const APPS = ['listener', 'workflow-executor'];
/** What a thread runs, from the apps' folders. */
const THREAD = 'workflow-executor/src/tasks/script/script-worker.js';

/** What runs an app's bundle. */
const MAIN = path.join(import.meta.dirname, 'bundle/main.mjs');

/** Optional dependencies of packages, which are not installed. */
const NOT_INSTALLED = [
  '@fastify/multipart',
  '@fastify/static',
  '@fastify/view',
  '@grpc/*',
  '@nestjs/platform-express',
  '@nestjs/websockets*',
  'amqp*',
  'class-transformer/storage',
  'ioredis',
  'kafkajs',
  'mqtt',
];

/** Node looks through all characters and all lines of a bundle at each start, and prints the line of an error. */
const LINE_LENGTH = 200;

/** The globals of CommonJS, which packages expect and a module of a thread does not have. */
const COMMON_JS = [
  "import { createRequire as createRequireOf } from 'node:module';",
  'const require = createRequireOf(import.meta.url);',
  'const __filename = import.meta.filename;',
  'const __dirname = import.meta.dirname;',
].join('\n');

/** @type {import('esbuild').Plugin} */
const packagesWithoutLines = {
  name: 'packages-without-lines',
  setup(bundler) {
    bundler.onLoad({ filter: /\/node_modules\/.*\.[cm]?js$/ }, async ({ path: file }) => ({
      contents: `${forThisNode(await readFile(file, 'utf8'))}\n//# sourceMappingURL=${mapToFirstLine(file)}`,
      loader: 'js',
    }));
  },
};

await rm(UNFINISHED, { recursive: true, force: true });
await Promise.all([...APPS.map(bundleApp), bundleThread()]);
await rm(BUNDLES, { recursive: true, force: true });
await rename(UNFINISHED, BUNDLES);
// What V8 has compiled has the path of the bundle in it.
await Promise.all(APPS.map((app) => compileAhead(path.join(BUNDLES, app, 'main.js'))));

/**
 * V8 keeps what it has compiled of a script, and not of a module.
 *
 * @param {string} app
 */
async function bundleApp(app) {
  const outdir = path.join(UNFINISHED, app);
  const main = path.join(outdir, 'main.js');
  const sourceMap = '\n//# sourceMappingURL=main.js.map';
  await bundle(MAIN, main, { format: 'esm', sourcemap: false, footer: { js: sourceMap } });
  const lines = (await readFile(main, 'utf8')).split('\n').length;
  await bundle(path.join(MODULES, app, 'src/main.js'), path.join(outdir, 'main.cjs'), {
    format: 'cjs',
    banner: {
      js: `${'\n'.repeat(lines)}(function(require,module,__filename,__dirname,__url){'use strict';`,
    },
    footer: { js: '})' },
    define: { 'import.meta.url': '__url' },
    // Node answers no dynamic import of what was compiled before.
    supported: { 'dynamic-import': false },
    sourcemap: 'external',
  });
  await rename(path.join(outdir, 'main.cjs.map'), `${main}.map`);
  await forgetColumns(`${main}.map`);
}

async function bundleThread() {
  const file = path.join(UNFINISHED, 'workflow-executor/script-worker.js');
  await bundle(path.join(MODULES, THREAD), file, { format: 'esm', banner: { js: COMMON_JS } });
  await forgetColumns(`${file}.map`);
}

/**
 * @param {string} entry
 * @param {string} outfile
 * @param {import('esbuild').BuildOptions} options
 */
async function bundle(entry, outfile, options) {
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    tsconfigRaw: {},
    external: NOT_INSTALLED,
    minifyWhitespace: true,
    lineLimit: LINE_LENGTH,
    sourcemap: true,
    sourcesContent: false,
    plugins: [packagesWithoutLines],
    logLevel: 'warning',
    ...options,
  });
}

/**
 * Reduces the mappings of each line to the first one. Such a map takes an eighth of the work to read.
 *
 * @param {string} file a source map
 */
async function forgetColumns(file) {
  /** @type {unknown} */
  const parsed = JSON.parse(await readFile(file, 'utf8'));
  const map = /** @type {{ mappings: string }} */ (parsed);
  const lines = decode(map.mappings).map((segments) =>
    segments.filter(([, source, line], at) => {
      const [, sourceBefore, lineBefore] = segments[at - 1] ?? [];
      return source !== sourceBefore || line !== lineBefore;
    }),
  );
  await writeFile(file, JSON.stringify({ ...map, mappings: encode(lines) }));
}

/**
 * @param {string} file
 * @returns {string} a source map that maps the whole file to its first line
 */
function mapToFirstLine(file) {
  const map = { version: 3, sources: [path.basename(file)], mappings: 'AAAA' };
  return `data:application/json,${encodeURIComponent(JSON.stringify(map))}`;
}
