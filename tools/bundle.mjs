import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { decode, encode } from '@jridgewell/sourcemap-codec';
import { build } from 'esbuild';

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

/**
 * The entry points that get a bundle of their own: the files that Node runs as a process or as a thread.
 *
 * @type {Record<string, Record<string, string>>} by app and by the name of the bundle
 */
const ENTRIES = {
  listener: { main: 'apps/listener/src/main.js' },
  'workflow-executor': {
    main: 'apps/workflow-executor/src/main.js',
    'script-worker': 'apps/workflow-executor/src/tasks/script/script-worker.js',
  },
};

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

/** The globals of CommonJS, which packages expect and an ES module does not have. */
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
      contents: `${await readFile(file, 'utf8')}\n//# sourceMappingURL=${mapToFirstLine(file)}`,
      loader: 'js',
    }));
  },
};

await Promise.all(Object.entries(ENTRIES).map(([app, entries]) => bundle(app, entries)));

/**
 * @param {string} app
 * @param {Record<string, string>} entries
 */
async function bundle(app, entries) {
  const outdir = path.join(DIST, 'bundles', app);
  await build({
    entryPoints: Object.entries(entries).map(([out, file]) => ({
      in: path.join(DIST, 'modules', file),
      out,
    })),
    outdir,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    tsconfigRaw: {},
    external: NOT_INSTALLED,
    banner: { js: COMMON_JS },
    minifyWhitespace: true,
    lineLimit: LINE_LENGTH,
    sourcemap: true,
    sourcesContent: false,
    plugins: [packagesWithoutLines],
    logLevel: 'warning',
  });
  await Promise.all(
    Object.keys(entries).map((out) => forgetColumns(path.join(outdir, `${out}.js.map`))),
  );
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
