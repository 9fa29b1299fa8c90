import { writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import vm from 'node:vm';
import { compiledFile } from './compiled-file.mjs';

/** `node --import` of this file: when the process ends, keeps what V8 has compiled of the bundle it ran (main.mjs). */

const { Script } = vm;

vm.Script = class extends Script {
  /**
   * @param {string} bundle
   * @param {import('node:vm').ScriptOptions & { filename: string }} options
   */
  constructor(bundle, options) {
    super(bundle, options);
    const folder = path.dirname(fileURLToPath(options.filename));
    process.once('exit', () => {
      writeFileSync(compiledFile(folder, bundle), this.createCachedData());
    });
  }
};
