/** Faults in what drives runs, in the executor and in the engine. */

const DRIVER = 'apps/workflow-executor/src/runs/driving/activity-driver.ts';
const STEP = 'apps/workflow-executor/src/runs/driving/step.ts';
const STEP_COMMIT = 'apps/workflow-executor/src/runs/driving/step-commit.ts';
const DRIVER_AND_OTHERS = 'apps/workflow-executor/src/runs/driving/driver-and-others.spec.ts';
const CALLS = 'apps/workflow-executor/src/runs/driving/calls-in-flight.ts';
const END_ATTEMPT = 'libs/workflow-engine/src/run/attempts/end-attempt.ts';
const SIMULATION = 'apps/workflow-executor/src/testing/simulation/simulation.spec.ts';

const RUN_SIGNALS = 'libs/workflow-engine/src/run/signals/run-signals.ts';
const SIGNALS = 'libs/workflow-engine/src/run/signals/signals.spec.ts';
const WAITS = 'apps/workflow-executor/src/runs/driving/waits.spec.ts';

/** @type {readonly import('./mutants.mjs').Mutant[]} */
export const RUN_MUTANTS = [
  {
    name: 'has-another-now-in-each-attempt',
    edits: [
      {
        file: 'libs/workflow-engine/src/run/run-draft.ts',
        search: 'startedAt: this.#startedAt,',
        replace: 'startedAt: this.now,',
      },
    ],
    noticedBy: ['libs/workflow-engine/src/parameters/functions.spec.ts'],
  },
  {
    name: 'never-renews-the-lease',
    edits: [
      {
        file: DRIVER,
        search: 'this.#renewAt = now + this.parts.settings.leaseMs / 3;',
        replace: 'this.#renewAt = now + this.parts.settings.leaseMs * 1_000;',
      },
    ],
    noticedBy: ['apps/workflow-executor/src/runs/driving/activity-driver.spec.ts'],
  },
  {
    name: 'takes-no-lease',
    edits: [
      {
        file: STEP_COMMIT,
        search: 'const wakeUp = isLeased ? lease :',
        replace: 'const wakeUp = isLeased ? { wakeAt: lease.wakeAt } :',
      },
    ],
    noticedBy: ['apps/workflow-executor/src/runs/driving/activity-driver.spec.ts'],
  },
  {
    name: 'calls-before-the-claim',
    edits: [
      {
        file: DRIVER,
        search: 'const isWritten = ofInbox.length > 0',
        replace:
          'this.#calls.carryOut(step.state, step.effects);\n      const isWritten = ofInbox.length > 0',
      },
      {
        file: DRIVER,
        search: '    this.#calls.carryOut(state, effects);\n    this.#outbox',
        replace: '    void effects;\n    this.#outbox',
      },
    ],
    noticedBy: ['apps/workflow-executor/src/runs/driving/activity-driver.spec.ts', SIMULATION],
  },
  {
    name: 'takes-late-results',
    edits: [
      {
        file: END_ATTEMPT,
        search: "state.status !== 'running' || state.attempt !== result.attempt",
        replace: "state.status !== 'running'",
      },
    ],
    noticedBy: ['libs/workflow-engine/src/run/advance.spec.ts'],
  },
  {
    name: 'new-key-after-an-unknown-outcome',
    edits: [
      {
        file: END_ATTEMPT,
        search: 'isNewKey = outcomeKnown && isFirstUse(running)',
        replace: 'isNewKey = outcomeKnown || isFirstUse(running)',
      },
    ],
    noticedBy: ['libs/workflow-engine/src/run/attempts/retry.spec.ts', SIMULATION],
  },
  {
    name: 'new-key-after-the-last-outcome',
    edits: [
      {
        file: END_ATTEMPT,
        search: 'return keyAttempt === attempt && repeats === unsent;',
        replace: 'return keyAttempt === attempt || repeats < unsent;',
      },
    ],
    noticedBy: ['libs/workflow-engine/src/run/attempts/retry.spec.ts', SIMULATION],
  },
  {
    name: 'takes-results-of-calls-that-others-repeated',
    edits: [
      {
        file: END_ATTEMPT,
        search: 'if ((state.repeats ?? 0) !== (result.repeats ?? 0)) return;',
        replace: '',
      },
      {
        file: CALLS,
        search: 'call?.attempt === attempt && (call.repeats ?? 0) === repeats',
        replace: 'call?.attempt === attempt && repeats >= 0',
      },
    ],
    noticedBy: ['libs/workflow-engine/src/run/advance.spec.ts', DRIVER_AND_OTHERS, SIMULATION],
  },
  {
    name: 'goes-on-under-the-lease-of-another',
    edits: [
      {
        file: STEP,
        search: 'leaseOwner !== undefined && leaseOwner !== owner',
        replace: "leaseOwner === ''",
      },
    ],
    noticedBy: ['apps/workflow-executor/src/runs/driving/activity-driver.spec.ts', SIMULATION],
  },
  {
    name: 'forgets-signals-when-a-commit-fails',
    edits: [
      {
        file: DRIVER,
        search: 'step = await this.#step().catch(notNowIfTransient);',
        replace:
          "step = await this.#step().catch(notNowIfTransient);\n      if (step === 'not-now') this.#known = { ...this.#known, signals: [] };",
      },
    ],
    noticedBy: [DRIVER_AND_OTHERS, SIMULATION],
  },
  {
    name: 'takes-a-signal-twice',
    edits: [
      {
        file: DRIVER,
        search: 'this.#known = known;\n    this.#isLeased',
        replace:
          'this.#known = { ...known, signals: [...this.#known.signals, ...known.signals] };\n    this.#isLeased',
      },
    ],
    noticedBy: [DRIVER_AND_OTHERS, SIMULATION],
  },
  {
    name: 'forgets-results-when-a-commit-fails',
    edits: [
      {
        file: DRIVER,
        search: 'this.#defect = defect;',
        replace: 'this.#defect = defect;\n      this.#mailbox.forget(results);',
      },
    ],
    noticedBy: [
      'apps/workflow-executor/src/runs/driving/activity-driver-record.spec.ts',
      SIMULATION,
    ],
  },
  {
    name: 'resumes-nothing',
    edits: [{ file: STEP, search: 'missing.length > 0 ?', replace: 'missing.length < 0 ?' }],
    noticedBy: ['apps/workflow-executor/src/runs/driving/activity-driver.spec.ts', SIMULATION],
  },
  {
    name: 'ends-runs-with-tasks-that-run',
    edits: [
      {
        file: 'libs/workflow-engine/src/run/end-run.ts',
        search: "task.status === 'running' || task.status === 'waiting' ? stop(task) : task",
        replace: "task.status === 'waiting' ? stop(task) : task",
      },
    ],
    noticedBy: ['libs/workflow-engine/src/run/end-run.spec.ts'],
  },
  {
    name: 'applies-a-signal-again',
    edits: [
      {
        file: RUN_SIGNALS,
        search: 'if (this.#taken.includes(id)) return false;',
        replace: 'if (this.#taken.length > TAKEN_SIGNALS_MAX) return false;',
      },
    ],
    noticedBy: [SIGNALS],
  },
  {
    name: 'drops-early-signals',
    edits: [
      {
        file: RUN_SIGNALS,
        search: 'else this.#early = early;',
        replace: 'else this.#early = early.slice(1, 1);',
      },
    ],
    noticedBy: [SIGNALS, SIMULATION],
  },
  {
    name: 'takes-results-of-earlier-attempts-from-workers',
    edits: [
      {
        file: 'libs/workflow-engine/src/run/signals/take-signal.ts',
        search: "return 'attempt' in signal && signal.attempt !== attempt;",
        replace: "return 'attempt' in signal && signal.attempt > attempt;",
      },
    ],
    noticedBy: [SIGNALS],
  },
  {
    name: 'keeps-a-lock-after-the-end',
    edits: [
      {
        file: 'libs/workflow-engine/src/run/run-draft.ts',
        search: 'this.outbox.giveBack();',
        replace: "this.outbox.giveBack('');",
      },
    ],
    noticedBy: [SIGNALS],
  },
  {
    name: 'leaves-an-applied-signal-in-the-inbox',
    edits: [
      {
        file: STEP_COMMIT,
        search: 'signals: taken.map(({ id: signal }) => signal),',
        replace: 'signals: state === before.state ? [] : taken.map(({ id: signal }) => signal),',
      },
    ],
    noticedBy: [WAITS],
  },
  {
    name: 'waits-without-a-wake-up',
    edits: [
      {
        file: 'apps/workflow-executor/src/runs/driving/run-phase.ts',
        search: 'nextWakeAt(state) ?? now + LOOK_AGAIN_MS',
        replace: 'nextWakeAt(state) ?? now + LOOK_AGAIN_MS * 365',
      },
    ],
    noticedBy: [WAITS],
  },
  {
    name: 'counts-a-full-slot-as-progress',
    edits: [
      {
        file: 'apps/workflow-executor/src/runs/driving/run-phase.ts',
        search: "task.on.kind === 'slot' ? 'running'",
        replace: "task.on.kind === 'lock' ? 'running'",
      },
    ],
    noticedBy: ['apps/workflow-executor/src/runs/driving/run-phase.spec.ts'],
  },
  {
    name: 'forgets-waits-of-the-version-before',
    edits: [
      {
        file: 'libs/persistence/src/activities/stored/earlier-states.ts',
        search: "reason === 'place'",
        replace: "reason === 'slot'",
      },
    ],
    noticedBy: ['libs/persistence/src/activities/stored/earlier-states.spec.ts'],
  },
  {
    name: 'validates-what-is-stored',
    edits: [
      {
        file: 'libs/workflow-engine/src/plan/compile.ts',
        search: '  const before = planTasks(main, 0, context);',
        replace:
          "  if (validateDefinition(definition, patterns, behaviours).kind === 'invalid') throw new DefinitionInvalidError([]);\n  const before = planTasks(main, 0, context);",
      },
      {
        file: 'libs/workflow-engine/src/plan/compile.ts',
        search: "import { type TaskBehaviours } from '../task-types/task-behaviour.js';",
        replace:
          "import { type TaskBehaviours } from '../task-types/task-behaviour.js';\nimport { validateDefinition } from '../validation/validate-definition.js';",
      },
    ],
    noticedBy: ['libs/workflow-engine/src/plan/compile.spec.ts'],
  },
  {
    name: 'repeats-a-call-without-its-secret',
    edits: [
      {
        file: 'apps/workflow-executor/src/tasks/secrets/secret-task-handler.ts',
        search: 'if (nonce === undefined || names.length',
        replace: 'if (nonce === undefined || (effect.repeats ?? 0) > 0 || names.length',
      },
    ],
    noticedBy: ['apps/workflow-executor/src/testing/simulation/simulation.spec.ts'],
  },
];
