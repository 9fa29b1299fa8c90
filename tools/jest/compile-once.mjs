import vm from 'node:vm';

/**
 * `node --import ./tools/jest/compile-once.mjs … jest`: what one test file has compiled, the next one in the same
 * process need not compile again. Jest compiles our modules again for each test file; V8 makes them of what it has kept
 * of the first time. Each file has its own instance of each of our modules, as ever.
 *
 * It also lets Jest run them in the realm of Node itself (docs/adr/0045-tests-load-packages-once.md).
 */

/**
 * V8 compares the length of a text only, so the text is kept beside what was made of it.
 *
 * @typedef {{ code: string, data: Buffer }} Compiled
 */
const functions = /** @type {Map<string, Compiled>} */ (new Map());
const modules = /** @type {Map<string, Compiled>} */ (new Map());

/** Node answers no dynamic import of what was made of kept data, so what may have one is compiled each time. */
const DYNAMIC_IMPORT = 'import(';

const { compileFunction, SourceTextModule, SyntheticModule } = vm;

/** @type {typeof compileFunction} */
vm.compileFunction = (code, parameters, given = {}) => {
  const options = { ...given, parsingContext: contextOf(given.parsingContext) };
  const { filename } = options;
  if (filename === undefined || code.includes(DYNAMIC_IMPORT))
    return compileFunction(code, parameters, options);
  const known = dataOf(functions, filename, code);
  if (known) return compileFunction(code, parameters, { ...options, cachedData: known });
  const compiled = compileFunction(code, parameters, { ...options, produceCachedData: true });
  if (compiled.cachedData) functions.set(filename, { code, data: compiled.cachedData });
  return compiled;
};

vm.SourceTextModule = class extends SourceTextModule {
  /**
   * @param {string} code
   * @param {import('node:vm').SourceTextModuleOptions} [given]
   */
  constructor(code, given = {}) {
    const options = { ...given, context: contextOf(given.context) };
    const name = code.includes(DYNAMIC_IMPORT) ? '' : (options.identifier ?? '');
    const cachedData = dataOf(modules, name, code);
    super(code, cachedData ? { ...options, cachedData } : options);
    if (cachedData || name === '') return;
    modules.set(name, { code, data: cachedDataOf(this) });
  }
};

vm.SyntheticModule = class extends SyntheticModule {
  /**
   * @param {string[]} names
   * @param {() => void} evaluate
   * @param {import('node:vm').SyntheticModuleOptions} [options]
   */
  constructor(names, evaluate, options = {}) {
    super(names, evaluate, { ...options, context: contextOf(options.context) });
  }
};

/**
 * The realm of Node itself has no context that could be named.
 *
 * @param {import('node:vm').Context | undefined} context
 */
function contextOf(context) {
  return context === globalThis ? undefined : context;
}

/**
 * @param {Map<string, Compiled>} compiled
 * @param {string} name of the file
 * @param {string} code
 * @returns {Buffer | undefined}
 */
function dataOf(compiled, name, code) {
  const known = compiled.get(name);
  return known?.code === code ? known.data : undefined;
}

/**
 * What the types of Node do not know yet: https://nodejs.org/api/vm.html#sourcetextmodulecreatecacheddata
 *
 * @param {unknown} module that has not run yet
 * @returns {Buffer}
 */
function cachedDataOf(module) {
  return /** @type {{ createCachedData(): Buffer }} */ (module).createCachedData();
}
