/** Faults in what takes several dispatches that came in one message. */

const INTAKE = 'apps/workflow-executor/src/intake/batch-intake.ts';
const INTAKE_SPEC = 'apps/workflow-executor/src/intake/batch-intake.spec.ts';

/** @type {readonly import('./mutants.mjs').Mutant[]} */
export const BATCH_MUTANTS = [
  {
    name: 'acknowledges-a-batch-before-all-are-taken',
    edits: [
      {
        file: INTAKE,
        search: 'await Promise.all(batch.map(takeOne));',
        replace: 'await Promise.race(batch.map(takeOne));',
      },
    ],
    noticedBy: [INTAKE_SPEC],
  },
  {
    name: 'loses-what-failed-of-a-batch',
    edits: [
      {
        file: INTAKE,
        search: 'if (failed > 0) throw',
        replace: 'if (failed === batch.length) throw',
      },
    ],
    noticedBy: [INTAKE_SPEC],
  },
  {
    name: 'begins-a-batch-again-that-may-end-the-process',
    edits: [
      {
        file: INTAKE,
        search: 'if (deliveries > 1) return',
        replace: 'if (deliveries > 2) return',
      },
    ],
    noticedBy: [INTAKE_SPEC],
  },
];
