import { pathToFileURL } from 'node:url';
import { SyntheticModule } from 'node:vm';
import runtime from 'jest-runtime';

/** The package's types describe its export as a module; the export is the class. */
const JestRuntime = /** @type {typeof runtime.default} */ (/** @type {unknown} */ (runtime));

/** Jest requires this file. */
export const __esModule = true;

/**
 * Lets Node import what is in node_modules: once for all test files of a worker. Jest itself would compile and run all
 * packages again for each file. Our own modules are loaded anew for each file, as ever.
 */
export default class PackagesRuntime extends JestRuntime {
  /** @param {ConstructorParameters<typeof JestRuntime>} args */
  constructor(...args) {
    super(...args);
    const loader = /** @type {EsmLoader} */ (Reflect.get(this, 'esmLoader'));
    const loadEsmModule = loader.loadEsmModule.bind(loader);
    const loadCjsAsEsm = loader.loadCjsAsEsm.bind(loader);
    const imports = new Imports();
    loader.loadEsmModule = (path, suffix) =>
      isOfPackage(path) ? imports.of(path) : loadEsmModule(path, suffix);
    loader.loadCjsAsEsm = (from, path, ...rest) =>
      isOfPackage(path) ? imports.of(path) : loadCjsAsEsm(from, path, ...rest);
  }
}

/** @typedef {import('node:vm').Module} Module */

/**
 * The part of Jest's loader that is used here. The two kinds of modules have a way of their own.
 *
 * @typedef {object} EsmLoader
 * @property {(path: string, suffix?: string) => Promise<Module>} loadEsmModule
 * @property {(from: string, path: string, ...rest: unknown[]) => Promise<Module>} loadCjsAsEsm
 */

/** What one test file has of packages. */
class Imports {
  /** @type {Map<string, Promise<Module>>} by path */
  #modules = new Map();

  /** @param {string} path */
  of(path) {
    const known = this.#modules.get(path) ?? moduleOf(path);
    this.#modules.set(path, known);
    return known;
  }
}

/**
 * @param {string} path
 * @returns {Promise<Module>} that exports what Node has imported
 */
async function moduleOf(path) {
  /** @type {unknown} */
  const imported = await import(pathToFileURL(path).href);
  const exported = /** @type {Record<string, unknown>} */ (imported);
  const names = Object.keys(exported);
  const module = new SyntheticModule(
    names,
    /** @this {SyntheticModule} */
    function () {
      for (const name of names) this.setExport(name, exported[name]);
    },
    { identifier: path },
  );
  await module.link(() => {
    throw new Error('It imports nothing');
  });
  await module.evaluate();
  return module;
}

/** @param {string} path */
function isOfPackage(path) {
  return path.includes('/node_modules/');
}
