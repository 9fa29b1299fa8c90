/** Writes that are not what they should be: records, commits, signals. */

const RECORD_WRITER = 'libs/persistence/src/activities/writing/record-writer.ts';

/** @type {readonly import('./mutants.mjs').Mutant[]} */
export const WRITING_MUTANTS = [
  {
    name: 'first-commit-leaves-the-wake-up',
    edits: [
      {
        file: 'libs/persistence/src/activities/writing/to-update.ts',
        search: "const REPLACED_FIRST = ['wakeAt'] as const;",
        replace: 'const REPLACED_FIRST = [] as const;',
      },
    ],
    noticedBy: [
      'libs/persistence/src/activities/writing/to-update.spec.ts',
      'libs/persistence/test/contracts.int-spec.ts',
    ],
  },
  {
    name: 'later-commit-ids-of-a-process-are-the-same',
    edits: [
      {
        file: 'libs/persistence/src/activities/writing/commit-id.ts',
        search: 'OF_THIS_PROCESS + count.toString(36)',
        replace: 'OF_THIS_PROCESS',
      },
    ],
    noticedBy: ['libs/persistence/src/activities/writing/commit-id.spec.ts'],
  },
  {
    name: 'commits-without-the-lock-version',
    edits: [
      {
        file: 'libs/persistence/src/activities/writing/commit-statement.ts',
        search: "{ $eq: ['$revision', '$$own.lockVersion'] }",
        replace: "{ $gte: ['$revision', 0] }",
      },
    ],
    noticedBy: ['libs/persistence/test/contracts.int-spec.ts'],
  },
  {
    name: 'rejects-all-that-share-a-statement',
    edits: [
      {
        file: 'libs/persistence/src/activities/writing/commit-writer.ts',
        search: 'else unclear.push(member, ...others);',
        replace: 'else for (const one of [member, ...others]) refused.set(one, rejection);',
      },
    ],
    noticedBy: ['libs/persistence/test/shared-statements.int-spec.ts'],
  },
  {
    name: 'writes-the-values-of-another',
    edits: [
      {
        file: 'libs/persistence/src/activities/writing/commit-statement.ts',
        search: "$indexOfArray: [{ $literal: ids }, '$_id']",
        replace: "$indexOfArray: [{ $literal: ids.toReversed() }, '$_id']",
      },
    ],
    noticedBy: ['libs/persistence/test/shared-statements.int-spec.ts'],
  },
  {
    name: 'answers-signals-that-mongodb-did-not-take',
    edits: [
      {
        file: 'libs/persistence/src/activities/writing/signal-writer.ts',
        search: 'if (error instanceof StoreUnavailableError) throw error;',
        replace:
          "if (error instanceof StoreUnavailableError) return signals.map(() => fulfilled('appended'));",
      },
    ],
    noticedBy: ['libs/persistence/test/signals-together.int-spec.ts'],
  },
  {
    name: 'sends-signals-past-one-that-mongodb-did-not-answer',
    edits: [
      {
        file: 'libs/persistence/src/activities/writing/signal-writer.ts',
        search: 'rejectsQueue: (reason) => reason instanceof StoreUnavailableError,',
        replace: '',
      },
    ],
    noticedBy: ['libs/persistence/test/outages.int-spec.ts'],
  },
  {
    name: 'appends-again-what-the-run-has-taken',
    edits: [
      {
        file: 'libs/persistence/src/activities/writing/inbox.ts',
        search: '        ...hasTakenNone(signals),\n',
        replace: '',
      },
    ],
    noticedBy: ['libs/persistence/test/contracts.int-spec.ts'],
  },
  {
    name: 'duplicate-is-a-failure',
    edits: [
      {
        file: RECORD_WRITER,
        search: 'if (!isDuplicateKey(rejection) || !found) {',
        replace: 'if (isDuplicateKey(rejection) || !found) {',
      },
    ],
    noticedBy: ['libs/persistence/test/contracts.int-spec.ts', 'test/same-event.e2e-spec.ts'],
  },
  {
    name: 'duplicate-is-accepted-afresh',
    edits: [
      {
        file: RECORD_WRITER,
        search: "return isSame ? { kind: 'duplicate', first, isUntouched }",
        replace: "return isSame ? { kind: 'recorded' }",
      },
    ],
    noticedBy: ['libs/persistence/test/contracts.int-spec.ts', 'test/same-event.e2e-spec.ts'],
  },
];
