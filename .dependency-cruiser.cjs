/** The whole architecture: a lib imports what its row lists, and nothing else under libs/. */
const allowed = {
  errors: [],
  collections: [],
  json: ['errors'],
  cesql: ['errors'],
  signing: [],
  'json-path': ['json'],
  'workflow-engine': ['errors', 'json', 'json-path'],
  patterns: ['workflow-engine'],
  filters: ['errors', 'json', 'json-path', 'cesql', 'events', 'patterns'],
  events: ['errors', 'json', 'signing'],
  messaging: ['collections', 'errors', 'events', 'signing'],
  persistence: ['collections', 'errors', 'json', 'events', 'workflow-engine'],
  auth: ['errors', 'json', 'events', 'persistence', 'signing'],
  observability: ['errors'],
  config: ['errors'],
  http: ['collections', 'errors', 'json', 'observability'],
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

/** The rooms inside: a folder imports what its row lists, and no other folder beside it. */
const rooms = {
  'apps/listener/src': {
    decisions: [],
    acceptance: ['decisions'],
    providers: [],
    ingress: ['acceptance', 'decisions', 'providers'],
  },
  'apps/workflow-executor/src': {
    access: [],
    tasks: [],
    runs: ['tasks', 'outbox', 'locks', 'children', 'webhooks'],
    children: ['outbox', 'tasks'],
    locks: ['outbox'],
    webhooks: ['outbox', 'tasks'],
    outbox: [],
    intake: ['access', 'runs', 'outbox'],
    api: ['access', 'runs', 'tasks'],
  },
  'apps/workflow-executor/src/runs': {
    memory: [],
    driving: ['memory'],
    starting: ['driving'],
    sweeping: ['driving', 'starting'],
    signals: ['driving', 'starting'],
  },
  'libs/workflow-engine/src': {
    definition: [],
    state: ['definition'],
    parameters: ['definition', 'state'],
    'task-types': ['definition', 'parameters', 'state'],
    plan: ['definition', 'parameters', 'task-types'],
    run: ['definition', 'parameters', 'plan', 'state', 'task-types'],
    validation: ['definition', 'parameters', 'task-types'],
    'boomerang-v4': ['definition', 'definition-forms', 'parameters', 'validation'],
    'definition-forms': ['definition', 'task-types', 'validation'],
    'definition-schema': ['definition', 'task-types'],
  },
};

const IN_TESTS = '(\\.(spec|int-spec|e2e-spec|contract)\\.ts$|/testing/)';

const roomRules = Object.entries(rooms).flatMap(([house, rows]) => [
  ...Object.entries(rows).map(([room, may]) => ({
    name: `${house}/${room}-imports-only-[${may.join(', ')}]`,
    severity: 'error',
    from: { path: `^${house}/${room}/`, pathNot: IN_TESTS },
    to: { path: `^${house}/[^/]+/`, pathNot: `^${house}/(${[room, ...may].join('|')})/` },
  })),
  {
    name: `${house}: every-room-has-a-row`,
    severity: 'error',
    from: {
      path: `^${house}/[^/]+/`,
      pathNot: `^${house}/(${[...Object.keys(rows), 'testing'].join('|')})/`,
    },
    to: {},
  },
]);

const libRules = Object.entries(allowed).map(([lib, may]) => ({
  name: `${lib}-imports-only-[${may.join(', ')}]`,
  severity: 'error',
  from: { path: `^libs/${lib}/` },
  // What is made for tests may be used by those of any lib; another rule keeps it in tests.
  to: { path: '^libs/', pathNot: `^libs/((${[lib, ...may].join('|')})/|[^/]+/src/testing/)` },
}));

/** No package and nothing of Node: no clock, no chance, no I/O. */
const pureRules = [
  ['workflow-engine', 'The engine decides; it does no I/O and knows no framework.'],
  ['json', 'The engine uses it, and everything else that has values of users in its hands.'],
  ['cesql', 'A language: text and attributes in, value and errors out.'],
].map(([lib, comment]) => ({
  name: `${lib}-is-pure`,
  comment,
  severity: 'error',
  from: {
    path: `^libs/${lib}/src`,
    pathNot: lib === 'json' ? '(\\.spec\\.ts$|/testing/)' : '\\.spec\\.ts$',
  },
  to: { dependencyTypes: ['npm', 'npm-dev', 'core'] },
}));

module.exports = {
  forbidden: [
    ...libRules,
    ...roomRules,
    {
      name: 'every-lib-has-a-row',
      severity: 'error',
      from: { path: '^libs/', pathNot: `^libs/(${Object.keys(allowed).join('|')})/` },
      to: {},
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'published-packages-stand-alone',
      comment: 'Whoever installs one has nothing of this repository besides.',
      severity: 'error',
      from: { path: '^packages/([^/]+)/' },
      to: { path: '^(apps|libs|packages)/', pathNot: '^packages/$1/' },
    },
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
      name: 'rooms-never-import-what-puts-them-together',
      comment: 'Of the files of an app that are in no folder, its configuration is for all.',
      severity: 'error',
      from: { path: '^apps/[^/]+/src/[^/]+/', pathNot: IN_TESTS },
      to: { path: '^apps/[^/]+/src/[^/]+\\.ts$', pathNot: '\\.config\\.ts$' },
    },
    ...pureRules,
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
      name: 'a-lib-does-not-import-its-own-index',
      comment: 'So knip finds every name in an index that nothing outside its lib uses.',
      severity: 'error',
      from: { path: '^libs/([^/]+)/' },
      to: { path: '^libs/$1/src/(testing/)?index\\.ts$' },
    },
    {
      name: 'threads-are-begun-and-not-imported',
      comment:
        'Also an import of types alone, in braces, runs the module: here in the main thread.',
      severity: 'error',
      from: { path: '^(apps|libs|packages)/' },
      to: { path: '-worker\\.ts$' },
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
