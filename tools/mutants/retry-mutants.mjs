/** Faults in runs that go on from others, and in what operators let happen. */

const NOTICED_BY = ['libs/workflow-engine/src/run/earlier-run.spec.ts'];

/** @type {readonly import('./mutants.mjs').Mutant[]} */
export const RETRY_MUTANTS = [
  {
    name: 'makes-a-retry-for-each-request',
    edits: [
      {
        file: 'apps/workflow-executor/src/api/retries/activity-retries.ts',
        search: 'const next = retryActivityIdOf(first, attempt);',
        replace: 'const next = retryActivityIdOf(`${first}${Math.random()}`, attempt);',
      },
    ],
    noticedBy: [
      'apps/workflow-executor/src/api/retries/activity-retries.spec.ts',
      'test/retries.e2e-spec.ts',
    ],
  },
  {
    name: 'does-again-what-succeeded',
    edits: [
      {
        file: 'libs/workflow-engine/src/run/earlier-run.ts',
        search: "  if (task?.status === 'succeeded') {",
        replace: "  if (task?.status === 'succeeded' && task.attempt > 1_000) {",
      },
    ],
    noticedBy: NOTICED_BY,
  },
  {
    name: 'forgets-the-key-of-the-run-before',
    edits: [
      {
        file: 'libs/workflow-engine/src/run/attempts/begin-attempt.ts',
        search:
          'beginAttempt(run, task, attempt, key?.attempt ?? attempt, key && { keyAt: key.at });',
        replace: 'beginAttempt(run, task, attempt, attempt, key && { keyAt: key.at });',
      },
    ],
    noticedBy: NOTICED_BY,
  },
  {
    name: 'takes-the-key-of-the-retry-before',
    edits: [
      {
        file: 'apps/workflow-executor/src/api/retries/activity-retries.ts',
        search: '{ keysOf: keysOf(ended) }',
        replace: '{ keysOf: ended.id }',
      },
    ],
    noticedBy: ['apps/workflow-executor/src/api/retries/activity-retries.spec.ts'],
  },
  {
    name: 'takes-the-key-of-the-first-run',
    edits: [
      {
        file: 'apps/workflow-executor/src/api/retries/activity-retries.ts',
        search: '{ keysOf: keysOf(ended) }',
        replace: '{ keysOf: keysOf({ ...ended, id: first }) }',
      },
    ],
    noticedBy: ['apps/workflow-executor/src/api/retries/activity-retries.spec.ts'],
  },
  {
    name: 'begins-a-run-again-without-its-keys',
    edits: [
      {
        file: 'libs/workflow-engine/src/run/run-attempts.ts',
        search: '    this.#earlier = earlier;\n',
        replace: '    this.#earlier = { ...earlier, attempts: {} };\n',
      },
    ],
    noticedBy: ['libs/workflow-engine/src/run/run-again.spec.ts'],
  },
  {
    name: 'keeps-locks-between-attempts-of-a-run',
    edits: [
      {
        file: 'libs/workflow-engine/src/run/run-again.ts',
        search: '    run.outbox.giveBack(name);\n    tasks[name]',
        replace: '    tasks[name]',
      },
    ],
    noticedBy: ['libs/workflow-engine/src/run/run-again.spec.ts'],
  },
  {
    name: 'takes-over-what-has-changed',
    edits: [
      {
        file: 'libs/workflow-engine/src/run/earlier-run.ts',
        search: 'is !== undefined && isSameWork(was, is);',
        replace: 'is !== undefined && (isSameWork(was, is) || was.name === is.name);',
      },
    ],
    noticedBy: NOTICED_BY,
  },
  {
    name: 'begins-a-run-again-at-once',
    edits: [
      {
        file: 'libs/workflow-engine/src/run/run-again.ts',
        search: 'until: now + delayMs }',
        replace: 'until: now }',
      },
    ],
    noticedBy: ['libs/workflow-engine/src/run/run-again.spec.ts'],
  },
  {
    name: 'begins-a-run-again-for-ever',
    edits: [
      {
        file: 'libs/workflow-engine/src/run/run-again.ts',
        search: 'if (!helps || attempt >= retry.attemptsMax) return false;',
        replace: 'if (!helps || attempt >= 1_000) return false;',
      },
    ],
    noticedBy: ['libs/workflow-engine/src/run/run-again.spec.ts'],
  },
  {
    name: 'begins-again-what-was-cancelled',
    edits: [
      {
        file: 'libs/workflow-engine/src/run/run-again.ts',
        search: "retry === undefined || status !== 'failed' || failure",
        replace: "retry === undefined || status === 'succeeded' || failure",
      },
    ],
    noticedBy: ['libs/workflow-engine/src/run/run-again.spec.ts'],
  },
];
