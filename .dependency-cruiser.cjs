/** The whole architecture: a lib imports what its row lists, and nothing else under libs/. */
const allowed = {
  errors: [],
  json: ['errors'],
  cesql: ['errors'],
  signing: [],
  'workflow-engine': ['errors', 'json'],
  events: ['errors', 'json', 'signing'],
  messaging: ['errors', 'events', 'signing'],
  persistence: ['errors', 'json', 'events', 'workflow-engine'],
  auth: ['errors', 'json', 'events', 'persistence', 'signing'],
  observability: ['errors'],
  config: ['errors'],
  http: ['errors', 'json', 'observability'],
  bootstrap: [
    'errors',
    'json',
    'config',
    'http',
    'observability',
    'messaging',
    'persistence',
    'signing',
  ],
};

const libRules = Object.entries(allowed).map(([lib, may]) => ({
  name: `${lib}-imports-only-[${may.join(', ')}]`,
  severity: 'error',
  from: { path: `^libs/${lib}/` },
  // What is made for tests may be used by those of any lib; another rule keeps it in tests.
  to: { path: '^libs/', pathNot: `^libs/((${[lib, ...may].join('|')})/|[^/]+/src/testing/)` },
}));

module.exports = {
  forbidden: [
    ...libRules,
    {
      name: 'every-lib-has-a-row',
      severity: 'error',
      from: { path: '^libs/', pathNot: `^libs/(${Object.keys(allowed).join('|')})/` },
      to: {},
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'libs-never-import-apps',
      severity: 'error',
      from: { path: '^libs/' },
      to: { path: '^apps/' },
    },
    {
      name: 'apps-never-import-apps',
      severity: 'error',
      from: { path: '^apps/([^/]+)/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'engine-is-pure',
      comment: 'The engine decides; it does no I/O and knows no framework.',
      severity: 'error',
      from: { path: '^libs/workflow-engine/src', pathNot: '\\.spec\\.ts$' },
      to: { dependencyTypes: ['npm', 'npm-dev', 'core'] },
    },
    {
      name: 'json-is-pure',
      comment: 'The engine uses it, and everything else that has values of users in its hands.',
      severity: 'error',
      from: { path: '^libs/json/src', pathNot: '(\\.spec\\.ts$|/testing/)' },
      to: { dependencyTypes: ['npm', 'npm-dev', 'core'] },
    },
    {
      name: 'cesql-is-pure',
      comment: 'A language: text and attributes in, value and errors out.',
      severity: 'error',
      from: { path: '^libs/cesql/src', pathNot: '\\.spec\\.ts$' },
      to: { dependencyTypes: ['npm', 'npm-dev', 'core'] },
    },
    {
      name: 'no-deep-imports',
      comment: 'Import a lib through its index.ts (or testing/index.ts).',
      severity: 'error',
      from: { path: '^(apps|libs)/([^/]+)/' },
      to: {
        path: '^libs/([^/]+)/src/',
        pathNot: [
          '^libs/$2/',
          '^libs/[^/]+/src/index\\.ts$',
          '^libs/[^/]+/src/testing/index\\.ts$',
        ],
      },
    },
    {
      name: 'testing-code-stays-in-tests',
      severity: 'error',
      from: { pathNot: ['\\.(spec|int-spec|e2e-spec|contract)\\.ts$', '/testing/', '/test/'] },
      to: { path: '/src/testing/' },
    },
    { name: 'no-unresolved', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
