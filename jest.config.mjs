import { swcOptions } from './tools/project/swc-options.mjs';

const common = {
  testEnvironment: '<rootDir>/tools/jest/one-realm-environment.mjs',
  runtime: '<rootDir>/tools/jest/packages-runtime.mjs',
  rootDir: '.',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': ['@swc/jest', swcOptions],
  },
  moduleNameMapper: {
    '^@app/([^/]+)$': '<rootDir>/libs/$1/src/index.ts',
    '^@app/([^/]+)/testing$': '<rootDir>/libs/$1/src/testing/index.ts',
    '^@flow-eventing/([^/]+)$': '<rootDir>/packages/$1/src/index.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
};

export default {
  // A machine that does much else at the same time: no test is about how long it takes.
  testTimeout: 60_000,
  testSequencer: '<rootDir>/tools/jest/longest-first.mjs',
  // A worker with much memory takes its time to leave; one that is still there after this long has a leak.
  workerGracefulExitTimeout: 30_000,
  projects: [
    {
      ...common,
      displayName: 'unit',
      globals: { WAIT_MS_MAX: 50_000 },
      testMatch: ['<rootDir>/{apps,libs,packages}/**/*.spec.ts'],
    },
    {
      ...common,
      displayName: 'integration',
      globals: { WAIT_MS_MAX: 50_000 },
      testMatch: ['<rootDir>/libs/*/test/**/*.int-spec.ts'],
      globalSetup: '<rootDir>/tools/jest/start-servers.mjs',
      globalTeardown: '<rootDir>/tools/jest/stop-servers.mjs',
    },
    {
      ...common,
      displayName: 'e2e',
      globals: { WAIT_MS_MAX: 50_000 },
      testMatch: ['<rootDir>/{apps/*/,}test/**/*.e2e-spec.ts'],
      globalSetup: '<rootDir>/tools/jest/start-servers.mjs',
      globalTeardown: '<rootDir>/tools/jest/stop-servers.mjs',
    },
  ],
};
