/** Faults in what delivers what runs have to tell. */

const DRIVER = 'apps/workflow-executor/src/runs/driving/activity-driver.ts';
const STEP_COMMIT = 'apps/workflow-executor/src/runs/driving/step-commit.ts';
const OUTBOX = 'apps/workflow-executor/src/outbox/in-flight-outbox.ts';
const SIMULATION = 'apps/workflow-executor/src/testing/simulation/simulation.spec.ts';

/** @type {readonly import('./mutants.mjs').Mutant[]} */
export const OUTBOX_MUTANTS = [
  {
    name: 'drops-what-the-end-has-to-tell',
    edits: [
      {
        file: STEP_COMMIT,
        search: '...(change && { outbox: change })',
        replace: '...(change && !isFinal(status) && { outbox: change })',
      },
    ],
    noticedBy: [SIMULATION],
  },
  {
    name: 'delivers-before-it-is-stored',
    edits: [
      {
        file: DRIVER,
        search: 'this.#unanswered = after;',
        replace: 'this.#unanswered = after;\n    this.#outbox.goOn(outbox.entries, now);',
      },
    ],
    noticedBy: [SIMULATION],
  },
  {
    name: 'wakes-nobody-for-what-ended-has-to-tell',
    edits: [
      {
        file: 'apps/workflow-executor/src/runs/driving/run-phase.ts',
        search: 'const wakeAt = Math.min(runAt, outboxAt);',
        replace: 'const wakeAt = outboxAt < 0 ? outboxAt : runAt;',
      },
    ],
    noticedBy: [SIMULATION],
  },
  {
    name: 'delivers-out-of-order',
    edits: [
      {
        file: OUTBOX,
        search: '!heads.has(entry.key)) heads.set(entry.key, entry)',
        replace: '!heads.has(entry.id)) heads.set(entry.id, entry)',
      },
    ],
    noticedBy: [SIMULATION],
  },
  {
    name: 'takes-what-nobody-took-for-delivered',
    edits: [
      {
        file: OUTBOX,
        search: "if (outcome.kind === 'again') {",
        replace: "if (outcome.kind === 'again' && entry.id === '') {",
      },
      {
        file: OUTBOX,
        search: "if (outcome.kind === 'delivered') {",
        replace: "if (outcome.kind !== 'refused') {",
      },
    ],
    noticedBy: [SIMULATION],
  },
];
