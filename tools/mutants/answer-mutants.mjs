/** Faults of what is offered, told and given back, which the simulator notices. */

const EXECUTOR = 'apps/workflow-executor/src';
const DRIVER = `${EXECUTOR}/runs/driving/activity-driver.ts`;
const SIMULATION = [`${EXECUTOR}/testing/simulation/simulation.spec.ts`];

/** @type {readonly import('./mutants.mjs').Mutant[]} */
export const ANSWER_MUTANTS = [
  {
    name: 'acknowledges-an-answer-before-the-commit',
    edits: [
      {
        file: DRIVER,
        search: '      const mayLeave = isRead || offers.length === 0;',
        replace:
          "      const mayLeave = isRead || offers.length === 0;\n      for (const offered of offers) offered.settle('taken');",
      },
    ],
    noticedBy: SIMULATION,
  },
  {
    name: 'leaves-an-answer-by-an-old-record',
    edits: [
      {
        file: DRIVER,
        search: 'const mayLeave = isRead || offers.length === 0;',
        replace: 'const mayLeave = true;',
      },
    ],
    noticedBy: SIMULATION,
  },
  {
    name: 'takes-what-a-driver-leaves-for-taken',
    edits: [
      {
        file: DRIVER,
        search: "this.#mailbox.settle(this.#mailbox.offers, 'left');",
        replace: "this.#mailbox.settle(this.#mailbox.offers, 'taken');",
      },
    ],
    noticedBy: SIMULATION,
  },
  {
    name: 'drops-an-answer-that-nobody-here-can-take',
    edits: [
      {
        file: `${EXECUTOR}/intake/worker-answers.ts`,
        search:
          'if (!(await this.offers.take(activityId, signal))) await this.#putIntoInbox(activityId, signal);',
        replace: 'await this.offers.take(activityId, signal);',
      },
    ],
    noticedBy: SIMULATION,
  },
  {
    name: 'gives-each-attempt-of-a-worker-a-new-key',
    edits: [
      {
        file: `${EXECUTOR}/outbox/worker-task-delivery.ts`,
        search: '${keysOf(origin)}:${task}:${keyAttempt}',
        replace: '${keysOf(origin)}:${task}:${attempt}',
      },
    ],
    noticedBy: SIMULATION,
  },
  {
    name: 'keeps-the-memory-of-runs-that-ended',
    edits: [
      {
        file: `${EXECUTOR}/runs/driving/active-runs.ts`,
        search: '    reservation.release();\n    driver.leaveOffers();',
        replace: '    driver.leaveOffers();',
      },
    ],
    noticedBy: SIMULATION,
  },
  {
    name: 'tells-no-status-of-a-run-that-waits',
    edits: [
      {
        file: `${EXECUTOR}/outbox/status-entries.ts`,
        search: '  if (status === previous) return [];',
        replace: "  if (status === previous || status === 'waiting') return [];",
      },
    ],
    noticedBy: SIMULATION,
  },
  {
    name: 'tells-of-a-task-as-if-it-had-just-begun',
    edits: [
      {
        file: `${EXECUTOR}/outbox/task-statuses.ts`,
        search: "previous: previous?.status ?? 'pending'",
        replace: "previous: 'pending'",
      },
    ],
    noticedBy: SIMULATION,
  },
  {
    name: 'forgets-locks-that-were-asked-for-too-late',
    edits: [
      {
        file: `${EXECUTOR}/locks/lock-service.ts`,
        search: '    if (!isHolder(found)) await this.lookAtWaiting(found, now, queues);',
        replace: '    if (!isHolder(found)) return;',
      },
    ],
    noticedBy: SIMULATION,
  },
];
