import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { decode, encode } from '@jridgewell/sourcemap-codec';
import { build } from 'esbuild';

/**
 * The second half of `npm run build`: makes one file of each app and the packages that it needs.
 * A process that loads one file instead of 1,500 is ready with a third of the CPU time
 * (docs/adr/0039-apps-are-bundled.md).
 *
 * Stack traces lead to the lines of our own sources. Of packages they name the file alone: with all lines of all
 * packages the source map is ten times as large, and it is read when a process shows its first error. Nothing else
 * happens meanwhile, so it has no columns either.
 */

const DIST = path.resolve(import.meta.dirname, '../dist');

/**
 * What becomes a bundle of its own: what Node is told to run, as a process or as a thread.
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

/** What packages would use if it were installed. */
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

/** CommonJS packages expect these, and a module has none of them. */
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
 * Of what is on one line here and there, only the beginning is left: an eighth of the work to read it.
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
 * @returns {string} a source map by which all that the file has is its first line
 */
function mapToFirstLine(file) {
  const map = { version: 3, sources: [path.basename(file)], mappings: 'AAAA' };
  return `data:application/json,${encodeURIComponent(JSON.stringify(map))}`;
}
