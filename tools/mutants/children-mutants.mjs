/** Faults in runs that begin runs. */

/** @type {readonly import('./mutants.mjs').Mutant[]} */
export const CHILDREN_MUTANTS = [
  {
    name: 'lets-runs-begin-each-other-for-ever',
    edits: [
      {
        file: 'apps/workflow-executor/src/children/child-creator.ts',
        search: 'if (generation > generationsMax) throw',
        replace: 'if (generation > generationsMax + 1_000) throw',
      },
    ],
    noticedBy: [
      'apps/workflow-executor/src/children/child-service.spec.ts',
      'test/run-workflow.e2e-spec.ts',
    ],
  },
  {
    name: 'leaves-the-child-of-a-cancelled-task',
    edits: [
      {
        file: 'libs/workflow-engine/src/task-types/run-workflow.ts',
        search: "hold: params['onCancel'] === 'leave' ? [] : [cancel],",
        replace: "hold: params['onCancel'] === 'leave' ? [cancel] : [],",
      },
    ],
    noticedBy: ['libs/workflow-engine/src/task-types/run-workflow.spec.ts'],
  },
  {
    name: 'begins-before-its-time',
    edits: [
      {
        file: 'apps/workflow-executor/src/runs/starting/run-starter.ts',
        search: 'return state === undefined && notBefore > now && !isCancelled(found);',
        replace: 'return state !== undefined && notBefore > now && !isCancelled(found);',
      },
    ],
    noticedBy: ['apps/workflow-executor/src/runs/starting/run-starter.spec.ts'],
  },
  {
    name: 'takes-a-time-of-day-for-one-of-utc',
    edits: [
      {
        file: 'libs/workflow-engine/src/task-types/scheduled/local-time.ts',
        search: 'return utcOf(localTimeAt(whole, zone)) - whole;',
        replace: 'return 0 * whole;',
      },
    ],
    noticedBy: ['libs/workflow-engine/src/task-types/scheduled/local-time.spec.ts'],
  },
  {
    name: 'counts-the-end-of-an-item-twice',
    edits: [
      {
        file: 'libs/workflow-engine/src/task-types/map-steps.ts',
        search: 'const open = progress.open.filter((one) => one !== index);',
        replace: 'const open = progress.open.slice(1);',
      },
    ],
    noticedBy: ['libs/workflow-engine/src/task-types/map.spec.ts'],
  },
  {
    name: 'tells-no-parent',
    edits: [
      {
        file: 'apps/workflow-executor/src/children/parent-entry.ts',
        search: 'if (!hasEnded || origin.parent?.waits !== true) return added;',
        replace: 'if (hasEnded || origin.parent?.waits !== true) return added;',
      },
    ],
    noticedBy: ['apps/workflow-executor/src/children/parent-entry.spec.ts'],
  },
  {
    name: 'begins-what-no-trigger-lets',
    edits: [
      {
        file: 'apps/workflow-executor/src/children/child-creator.ts',
        search: '    this.#requireWanted(workflow, event);\n',
        replace: '',
      },
    ],
    noticedBy: ['apps/workflow-executor/src/children/child-service.spec.ts'],
  },
  {
    name: 'waits-for-the-run-that-it-has-begin-later',
    edits: [
      {
        file: 'libs/workflow-engine/src/task-types/scheduled/run-scheduled-workflow.ts',
        search: 'const how = { waits: false, notBefore: due.at };',
        replace: 'const how = { waits: true, notBefore: due.at };',
      },
    ],
    noticedBy: ['libs/workflow-engine/src/task-types/scheduled/run-scheduled-workflow.spec.ts'],
  },
  {
    name: 'has-a-run-begin-later-as-one-that-begins-now',
    edits: [
      {
        file: 'libs/workflow-engine/src/task-types/scheduled/run-scheduled-workflow.ts',
        search: 'return askForRun(CHILD_SCHEDULE, params',
        replace: 'return askForRun(CHILD_SCHEDULE.replace("schedule", "request"), params',
      },
    ],
    noticedBy: ['libs/workflow-engine/src/task-types/scheduled/run-scheduled-workflow.spec.ts'],
  },
  {
    name: 'leaves-a-run-of-a-map-that-ends-before-it',
    edits: [
      {
        file: 'libs/workflow-engine/src/task-types/map-steps.ts',
        search: 'draft(MAP_CANCEL, { task, attempt, open })',
        replace: 'draft(MAP_CANCEL, { task, attempt, open: open.slice(1) })',
      },
    ],
    noticedBy: ['apps/workflow-executor/src/testing/simulation/simulation.spec.ts'],
  },
  {
    name: 'has-more-runs-of-a-map-at-a-time-than-it-may',
    edits: [
      {
        file: 'libs/workflow-engine/src/task-types/map-steps.ts',
        search: 'next, plan.parallelMax - open.length',
        replace: 'next, plan.parallelMax',
      },
    ],
    noticedBy: ['apps/workflow-executor/src/testing/simulation/simulation.spec.ts'],
  },
];
