/** Faults in what the engine decides: random workflows, counted work and steps of real runs notice them. */

const RANDOM = 'libs/workflow-engine/src/run/simulation.spec.ts';
const COUNTED = 'libs/workflow-engine/src/run/linear-work.spec.ts';
const HISTORIES = 'apps/workflow-executor/src/runs/histories.spec.ts';

/** @type {readonly import('./mutants.mjs').Mutant[]} */
export const ENGINE_MUTANTS = [
  {
    name: 'begins-before-what-it-needs',
    edits: [
      {
        file: 'libs/workflow-engine/src/run/edges.ts',
        search: "if (run.tasks.table.isBlocked(task)) return 'wait';",
        replace:
          "if (task.incoming.every(({ from }) => ['pending', 'running', 'waiting'].includes(run.stateOf(from).status))) return 'wait';",
      },
    ],
    noticedBy: [RANDOM],
  },
  {
    name: 'handles-every-failure',
    edits: [
      {
        file: 'libs/workflow-engine/src/run/outcome.ts',
        search: 'if (state !== undefined && hasFailed(state)) return',
        replace:
          'if (state !== undefined && hasFailed(state) && run.plan.tasks.length === 0) return',
      },
    ],
    noticedBy: [RANDOM],
  },
  {
    name: 'lets-no-task-set-the-status',
    edits: [
      {
        file: 'libs/workflow-engine/src/run/outcome.ts',
        search: '  if (run.statusOverride !== undefined) return overridden(run);\n',
        replace: '',
      },
    ],
    noticedBy: [RANDOM],
  },
  {
    name: 'stops-what-runs-whatever-happened',
    edits: [
      {
        file: 'libs/workflow-engine/src/run/run-draft.ts',
        search: "      if (task.isLast && which === 'main') continue;\n",
        replace: '',
      },
    ],
    noticedBy: [RANDOM],
  },
  {
    name: 'forgets-the-attempt-that-an-operator-skipped',
    edits: [
      {
        file: 'libs/workflow-engine/src/run/signals/force-task.ts',
        search:
          '        attempt: state.attempt,\n        ...openOf(state),\n      });\n      break;',
        replace: '      });\n      break;',
      },
    ],
    noticedBy: ['libs/workflow-engine/src/run/run-again.spec.ts'],
  },
  {
    name: 'tells-finally-of-a-later-cancellation',
    edits: [
      {
        file: 'libs/workflow-engine/src/run/outcome.ts',
        search: 'concluded.told ?? concluded.outcome',
        replace: 'concluded.outcome',
      },
    ],
    noticedBy: ['libs/workflow-engine/src/run/outcome.spec.ts'],
  },
  {
    name: 'says-nothing-of-what-it-waits-for',
    edits: [
      {
        file: 'libs/workflow-engine/src/run/open-status.ts',
        search: '.begun(WAITING_FOR_MAX)',
        replace: '.begun(WAITING_FOR_MAX - WAITING_FOR_MAX)',
      },
    ],
    noticedBy: [RANDOM],
  },
  {
    name: 'forgets-what-stands-behind-a-task',
    edits: [
      {
        file: 'libs/workflow-engine/src/run/run-tasks.ts',
        search: '      if (this.#table.unblock(next)) this.#toVisit.add(next.at);',
        replace: '      this.#table.unblock(next);',
      },
    ],
    noticedBy: [COUNTED],
  },
  {
    name: 'looks-at-every-task-in-each-step',
    edits: [
      {
        file: 'libs/workflow-engine/src/run/run-tasks.ts',
        search: 'if (!isOfStep) this.#noteReady();',
        replace: 'if (!isOfStep) this.#noteReady();\n    this.noteAll();',
      },
    ],
    noticedBy: [COUNTED],
  },
  {
    name: 'asks-again-for-what-a-map-gave',
    edits: [
      {
        file: 'libs/workflow-engine/src/task-types/map-steps.ts',
        search: '    if (made === progress.made) return waiting(progress, since, context, []);\n',
        replace: '',
      },
    ],
    noticedBy: ['libs/workflow-engine/src/task-types/map.spec.ts'],
  },
  {
    name: 'queues-work-again-at-another-time',
    edits: [
      {
        file: 'libs/workflow-engine/src/task-types/worker.ts',
        search: 'const until = now + WORKER_REQUEUE_MS_MIN;',
        replace: 'const until = now + WORKER_REQUEUE_MS_MAX;',
      },
    ],
    noticedBy: [HISTORIES],
  },
];
