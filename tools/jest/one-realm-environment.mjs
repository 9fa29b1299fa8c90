import process from 'node:process';
import { ModernFakeTimers } from '@jest/fake-timers';
import { ModuleMocker } from 'jest-mock';

/**
 * The environment of every test file: the realm of Node itself, as for the product. Packages, which a worker loads once
 * (packages-runtime.mjs), share `Error`, `Map` and the like with the code that uses them.
 *
 * What a file changes of the globals, `process.env` included, is changed back at its end, so that the order of files
 * does not matter.
 */
export default class OneRealmEnvironment {
  global = globalThis;
  moduleMocker = new ModuleMocker(globalThis);
  /** The kind of fake timers that Jest had before version 27. */
  fakeTimers = null;
  #globals = /** @type {Partial<Record<string | symbol, PropertyDescriptor>>} */ (
    Object.getOwnPropertyDescriptors(globalThis)
  );
  #env = { ...process.env };
  // eslint-disable-next-line @typescript-eslint/unbound-method -- it is put back as it was
  #exit = process.exit;

  /** @param {import('@jest/environment').JestEnvironmentConfig} config */
  constructor({ projectConfig }) {
    this.fakeTimersModern = new ModernFakeTimers({ config: projectConfig, global: globalThis });
    Object.assign(globalThis, projectConfig.globals);
  }

  async setup() {}

  async teardown() {
    this.fakeTimersModern.dispose();
    for (const key of Reflect.ownKeys(globalThis)) {
      const before = this.#globals[key];
      // Some packages keep what they have for the whole process in a global that can't be deleted.
      if (before === undefined) Reflect.deleteProperty(globalThis, key);
      else if ('value' in before) Object.defineProperty(globalThis, key, before);
    }
    process.exit = this.#exit;
    process.env = this.#env;
  }

  /** The mark that compile-once.mjs takes for no context at all. */
  getVmContext() {
    return globalThis;
  }

  exportConditions() {
    return ['node', 'node-addons'];
  }
}
