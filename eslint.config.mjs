import js from '@eslint/js';
import regexp from 'eslint-plugin-regexp';
import tseslint from 'typescript-eslint';

const RESTRICTED_GLOBALS = [
  { name: 'jest', message: "Not defined under ESM; import it from '@jest/globals'." },
  {
    name: 'structuredClone',
    message: 'It makes another object of an exact number and loses the order of members.',
  },
];

/** Files that may use JavaScript's own `JSON`, each with what it is that passes through it there. */
const WITHOUT_VALUES_OF_USERS = [
  // The module itself.
  'libs/json/src/**',
  // Texts that are hashed.
  'libs/events/src/event/event-identity.ts',
  'libs/persistence/src/rejected-requests/rejected-request-batch.ts',
  // The key of a map, made of ids.
  'libs/persistence/src/rejected-requests/rejected-request-buffer.ts',
  // Single texts, and context attributes, which are texts, booleans and integers of 32 bits.
  'apps/listener/src/ingress/body-prefix.ts',
  'libs/events/src/nats/without-token.ts',
  'libs/events/src/structured/structured-json.ts',
  // The facts of dispatches, which we write ourselves.
  'libs/events/src/dispatch/dispatch-message.ts',
  'libs/events/src/dispatch/dispatch-batch.ts',
  // Headers of messages, which are texts.
  'apps/workflow-executor/src/intake/stored-dead-letters.ts',
  'libs/persistence/src/dead-letters/mongo-dead-letter-store.ts',
  // The place where a page of a list ended, and what an index is made of.
  'libs/persistence/src/storage/cursor.ts',
  'libs/persistence/src/schema/reconcile-indexes.ts',
  // What JetStream is asked and answers.
  'libs/messaging/src/consume/message-pull.ts',
  'libs/messaging/src/dispatch/read-pub-ack.ts',
  'libs/messaging/src/topology/differences-of.ts',
  // What health says of this process.
  'libs/bootstrap/src/operations/operations-server.ts',
  // Sentences about errors, and the problem details of RFC 9457.
  'libs/errors/src/assert-never.ts',
  'libs/http/src/problem/problem-of.ts',
  'libs/http/src/server/client-error.ts',
  'libs/messaging/src/errors.ts',
  'libs/observability/src/logging/nest-log.ts',
];

export default tseslint.config(
  { ignores: ['**/dist/**', 'coverage/**', '*.config.mjs', '*.cjs'] },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  {
    files: ['**/*.ts', '**/*.mjs'],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
      // `const { left: _out, ...rest }` is how a member is left out.
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
      'max-lines': ['error', { max: 300 }],
      'max-lines-per-function': ['error', { max: 50, skipBlankLines: true, skipComments: true }],
      'no-console': 'error',
      'no-restricted-globals': ['error', ...RESTRICTED_GLOBALS],
      'no-restricted-syntax': [
        'error',
        {
          selector:
            'Identifier[name=/(^|[a-z_])(door|poke|rouse|seal|sealed|standIn|mischief|leash|[tT]opologyKeeper)$|Door[A-Z]|Sealed|Refusal|Mischief|Leash/]',
          message:
            'Use the term of the field: ingress (not door), signature (seal), notify (poke, rouse), spool (stand-in), fault (mischief), process supervisor (leash), topology provisioner (topology keeper), rejected request (refusal).',
        },
        { selector: 'TSEnumDeclaration', message: 'Use a union of string literals.' },
        { selector: 'ExportAllDeclaration', message: 'Name what you export.' },
        { selector: 'ExportDefaultDeclaration', message: 'Use named exports.' },
        {
          selector: "MemberExpression[object.name='process'][property.name='env']",
          message: "Read configuration through the app's config class.",
        },
        {
          selector: "MemberExpression[object.name='performance'][property.name='timeOrigin']",
          message: 'Instants are whole milliseconds: ask the clock of MongoLink.',
        },
        {
          selector: "Property[key.name='unit'] > Literal[value='binary']",
          message: 'Use anyText of @app/errors/testing: this one takes half a second in each file.',
        },
        {
          selector: "CallExpression[callee.name='forwardRef']",
          message: 'A cycle; move the shared part down.',
        },
      ],
    },
  },
  {
    // The tools run before anything is compiled; TypeScript checks them by their JSDoc.
    files: ['**/*.mjs'],
    rules: {
      'no-undef': 'off',
      'no-restricted-syntax': 'off',
      '@typescript-eslint/explicit-module-boundary-types': 'off',
    },
  },
  {
    // Strangers' text meets these: the work must be linear in its length. Where a bound on the length
    // makes up for it, an exception beside the expression names that bound.
    files: ['apps/**/*.ts', 'libs/**/*.ts'],
    plugins: { regexp },
    rules: {
      'regexp/no-super-linear-backtracking': ['error', { report: 'potential' }],
      'regexp/no-super-linear-move': ['error', { report: 'potential', ignoreSticky: false }],
      'regexp/no-misleading-capturing-group': 'error',
    },
  },
  {
    // A value that a user made loses digits and the order of its members in JavaScript's own JSON.
    files: ['apps/**/*.ts', 'libs/**/*.ts'],
    ignores: ['**/*.spec.ts', '**/testing/**', '**/test/**', ...WITHOUT_VALUES_OF_USERS],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'JSON', property: 'parse', message: 'Use parseJson of @app/json.' },
        { object: 'JSON', property: 'stringify', message: 'Use toJsonText of @app/json.' },
      ],
    },
  },
  {
    // Texts of strangers may have halves of surrogate pairs.
    files: ['apps/**/*.ts', 'libs/**/*.ts'],
    ignores: ['**/*.spec.ts', '**/testing/**', '**/test/**'],
    rules: {
      'no-restricted-globals': [
        'error',
        ...RESTRICTED_GLOBALS,
        {
          name: 'encodeURIComponent',
          message: 'It throws on half of a surrogate pair: use uriComponent of @app/json.',
        },
      ],
    },
  },
  {
    // A fake that decides by the code of the adapter shares its mistakes, and no test sees them. The functions in the
    // list are no decisions of a store: how a value is written as JSON, when two events are the same, and the keys
    // and digests that its callers make, too.
    files: ['libs/*/src/testing/**/memory*.ts'],
    ignores: ['**/*.spec.ts'],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: '^(@app/|\\.\\./)',
              allowImportNamePattern:
                '^([A-Z0-9_]+|\\w*(Store|Dispatcher|Log|Error)|toJsonText|toStructuredJson|isSameEvent|waitKeyOf|contentOf)$',
              allowTypeImports: true,
              message:
                'A memory store judges by itself: import types, constants, ports and errors.',
            },
          ],
        },
      ],
    },
  },
  {
    files: ['**/*.schema.ts'],
    rules: { '@typescript-eslint/no-unsafe-class-instance-assignment': 'off' },
  },
  {
    files: ['**/main.ts'],
    rules: {
      'no-restricted-syntax': 'off',
      // Nest's options are declared as a class and meant as a literal.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
    },
  },
  {
    files: ['**/*.spec.ts', '**/*.contract.ts', '**/test/**'],
    rules: {
      'max-lines-per-function': 'off',
    },
  },
);
