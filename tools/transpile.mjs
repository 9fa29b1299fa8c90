import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { transform } from '@swc/core';
import { forThisNode } from './bundle/shared-classes.mjs';
import { swcOptions } from './project/swc-options.mjs';

/**
 * The first half of `npm run build`: makes JavaScript of each source file of apps, libs and packages, file by
 * file, in `dist/modules`. Types are erased and not checked; `npm run types` does that.
 */

const ROOT = path.resolve(import.meta.dirname, '..');
const OUT = path.join(ROOT, 'dist/modules');
const FOLDERS = ['apps', 'libs', 'packages'];

await rm(OUT, { recursive: true, force: true });
const sources = (await Promise.all(FOLDERS.map(sourcesIn))).flat();
await Promise.all(sources.map(transpile));

/**
 * @param {string} folder
 * @returns {Promise<string[]>} from the root of the repository
 */
async function sourcesIn(folder) {
  const files = await readdir(path.join(ROOT, folder), { recursive: true });
  return files
    .filter((file) => /^[^/]+\/src\/.*(?<!\.(?:d|spec|contract))\.ts$/.test(file))
    .filter((file) => !file.includes('/testing/'))
    .map((file) => path.join(folder, file));
}

/** @param {string} source */
async function transpile(source) {
  const out = path.join(OUT, source.replace(/\.ts$/, '.js'));
  const text = await readFile(path.join(ROOT, source), 'utf8');
  const { code, map = '' } = await transform(text, {
    ...swcOptions,
    swcrc: false,
    sourceMaps: true,
    sourceFileName: path.relative(path.dirname(out), path.join(ROOT, source)),
  });
  const linked = code.replaceAll(
    /(?<=\b(?:from|import)\s*\(?)(["'])@(app|flow-eventing)\/([^"'/]+)\1/g,
    (_, /** @type {string} */ quote, /** @type {string} */ scope, /** @type {string} */ name) => {
      const index = path.join(OUT, scope === 'app' ? 'libs' : 'packages', name, 'src/index.js');
      const link = path.relative(path.dirname(out), index);
      return `${quote}${link.startsWith('.') ? link : `./${link}`}${quote}`;
    },
  );
  await mkdir(path.dirname(out), { recursive: true });
  await writeFile(out, `${forThisNode(linked)}\n//# sourceMappingURL=${path.basename(out)}.map\n`);
  await writeFile(`${out}.map`, map);
}
