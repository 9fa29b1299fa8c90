import path from 'node:path';
import ts from 'typescript';

/** Errors about what nothing uses any more: a fault may leave some, and they change nothing. */
const UNUSED = [6133, 6138, 6192, 6196];

/** The code with a fault is no code: its tests fail, but not because they noticed the fault. */
export class MutantDoesNotCompileError extends Error {
  /**
   * @param {string} name
   * @param {readonly string[]} errors
   */
  constructor(name, errors) {
    super(`${name} does not compile:\n${errors.join('\n')}`);
    this.name = 'MutantDoesNotCompileError';
  }
}

/**
 * Jest compiles without types. So a fault that has the name of something that was renamed since would fail its tests,
 * or be caught by the code around it.
 *
 * @param {import('./mutated-copy.mjs').MutatedCopy} copy
 * @param {readonly import('./mutants.mjs').Mutant[]} mutants
 * @throws {MutantDoesNotCompileError}
 */
export async function requireCompiling(copy, mutants) {
  const { folder } = copy;
  const filesOf = (/** @type {import('./mutants.mjs').Mutant} */ { edits }) => [
    ...new Set(edits.map(({ file }) => path.join(folder, file))),
  ];
  const compiler = compilerOf(folder, [...new Set(mutants.flatMap(filesOf))]);
  for (const mutant of mutants) {
    const errors = await copy.with(mutant.edits, () =>
      Promise.resolve(filesOf(mutant).flatMap((file) => errorsIn(compiler, file))),
    );
    if (errors.length > 0) throw new MutantDoesNotCompileError(mutant.name, errors);
  }
}

/**
 * @param {string} folder with a tsconfig.json
 * @param {readonly string[]} files those that change
 * @returns {ts.LanguageService} which reads the other files once
 */
function compilerOf(folder, files) {
  const host = { ...ts.sys, onUnRecoverableConfigFileDiagnostic: () => undefined };
  const config = path.join(folder, 'tsconfig.json');
  const options = ts.getParsedCommandLineOfConfigFile(config, {}, host)?.options ?? {};
  return ts.createLanguageService({
    ...ts.sys,
    useCaseSensitiveFileNames: () => ts.sys.useCaseSensitiveFileNames,
    getCompilationSettings: () => options,
    getCurrentDirectory: () => folder,
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    getScriptFileNames: () => [...files],
    getScriptVersion: (file) => (files.includes(file) ? (ts.sys.readFile(file) ?? '') : ''),
    getScriptSnapshot: (file) => {
      const text = ts.sys.readFile(file);
      return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
    },
  });
}

/**
 * @param {ts.LanguageService} compiler
 * @param {string} file
 * @returns {readonly string[]}
 */
function errorsIn(compiler, file) {
  return [...compiler.getSyntacticDiagnostics(file), ...compiler.getSemanticDiagnostics(file)]
    .filter(({ code }) => !UNUSED.includes(code))
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}
