/** Faults in how much of the signals of a run is taken in one turn of the event loop. */

const KNOWN_RECORD = 'apps/workflow-executor/src/runs/known-record.ts';
const STEP_COMMIT = 'apps/workflow-executor/src/runs/driving/step-commit.ts';
const DRIVER_AND_OTHERS = 'apps/workflow-executor/src/runs/driving/driver-and-others.spec.ts';

/** @type {readonly import('./mutants.mjs').Mutant[]} */
export const INBOX_MUTANTS = [
  {
    name: 'takes-a-whole-inbox-in-one-step',
    edits: [
      {
        file: KNOWN_RECORD,
        search: 'if (inbox.length <= STEP_SIGNALS_MAX)',
        replace: 'if (inbox.length <= Infinity)',
      },
    ],
    noticedBy: [DRIVER_AND_OTHERS],
  },
  {
    name: 'begins-although-a-cancel-is-behind-many-signals',
    edits: [
      {
        file: KNOWN_RECORD,
        search: "const all = [...cancels, ...inbox.filter(({ kind }) => kind !== 'cancel')];",
        replace: 'void cancels;\n  const all = inbox;',
      },
    ],
    noticedBy: [DRIVER_AND_OTHERS],
  },
  {
    name: 'leaves-signals-without-a-lease',
    edits: [
      {
        file: STEP_COMMIT,
        search: 'outbox.isBusy || after.signals.length > 0;',
        replace: 'outbox.isBusy;',
      },
    ],
    noticedBy: [DRIVER_AND_OTHERS],
  },
  {
    name: 'gives-each-filter-all-the-steps',
    edits: [
      {
        file: 'libs/workflow-engine/src/task-types/wait-for-event.ts',
        search: 'EVENT_FILTER_STEPS_MAX / Math.max(1, filtered)',
        replace: 'EVENT_FILTER_STEPS_MAX / Math.min(1, filtered)',
      },
    ],
    noticedBy: ['apps/workflow-executor/src/tasks/event-filters.spec.ts'],
  },
];
