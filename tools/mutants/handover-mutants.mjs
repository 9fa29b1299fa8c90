/** Faults of what becomes of runs that nobody works on: those that are due, left, or handed over to workers. */

const EXECUTOR = 'apps/workflow-executor/src';
const DRIVER = `${EXECUTOR}/runs/driving/activity-driver.ts`;
const HANDED_OVER = `${EXECUTOR}/runs/driving/handed-over.ts`;
const SIMULATION = [`${EXECUTOR}/testing/simulation/simulation.spec.ts`];

/** @type {readonly import('./mutants.mjs').Mutant[]} */
export const HANDOVER_MUTANTS = [
  {
    name: 'keeps-the-table-of-what-is-in-flight',
    edits: [
      {
        file: 'libs/collections/src/in-flight-map.ts',
        search: 'this.#entries = new Map(this.#entries);',
        replace: '',
      },
    ],
    noticedBy: ['libs/collections/src/in-flight-map.spec.ts'],
  },
  {
    name: 'tells-a-parent-nothing-that-is-not-here',
    edits: [
      {
        file: `${EXECUTOR}/children/child-service.ts`,
        search: 'if (!(await this.#runs.take(parent, signal))) await this.#signal(parent, signal);',
        replace: 'await this.#runs.take(parent, signal);',
      },
    ],
    noticedBy: [`${EXECUTOR}/children/child-service.spec.ts`],
  },
  {
    name: 'takes-what-a-parent-leaves-for-taken',
    edits: [
      {
        file: `${EXECUTOR}/runs/signals/relatives-here.ts`,
        search: 'if (await offered.isTaken) return true;',
        replace: 'await offered.isTaken;\n      return true;',
      },
    ],
    noticedBy: [`${EXECUTOR}/runs/signals/relatives-here.spec.ts`],
  },
  {
    name: 'never-sweeps',
    edits: [
      {
        file: 'apps/workflow-executor/src/runs/sweeping/sweeper.ts',
        search: 'await this.store.claimDue(claim)',
        replace: 'await this.store.claimDue({ ...claim, limit: 0 })',
      },
    ],
    noticedBy: ['apps/workflow-executor/src/runs/sweeping/sweeper.spec.ts'],
  },
  {
    name: 'hands-over-what-is-not-delivered',
    edits: [
      {
        file: DRIVER,
        search: '!this.#isLeased || !isDelivered || ',
        replace: '!this.#isLeased || ',
      },
    ],
    noticedBy: SIMULATION,
  },
  {
    name: 'looks-a-day-later-at-what-it-handed-over',
    edits: [
      {
        file: HANDED_OVER,
        search: 'delivered: outbox.map((entry) => entry.id), wakeAt, releaseAt',
        replace:
          'delivered: outbox.map((entry) => entry.id), wakeAt: wakeAt + 86_400_000, releaseAt',
      },
    ],
    noticedBy: SIMULATION,
  },
  {
    name: 'hands-over-what-wakes-earlier',
    edits: [
      {
        file: HANDED_OVER,
        search: 'if (wakeAt < releaseAt) return undefined;',
        replace: 'if (wakeAt < 0) return undefined;',
      },
    ],
    noticedBy: [`${EXECUTOR}/runs/signals/signal-offers.spec.ts`],
  },
  {
    name: 'takes-some-that-are-let-go-of-for-all',
    edits: [
      {
        file: HANDED_OVER,
        search: "if ((await this.store.releaseDelivered(runs)) === 'all') return;",
        replace: 'await this.store.releaseDelivered(runs);\n      if (runs.length > 0) return;',
      },
    ],
    noticedBy: SIMULATION,
  },
  {
    name: 'leaves-with-a-lease-that-nobody-needs',
    edits: [
      {
        file: DRIVER,
        search: " || this.#mustCorrect(now) ? 'calling'",
        replace: " ? 'calling'",
      },
    ],
    noticedBy: SIMULATION,
  },
  {
    name: 'leaves-before-it-has-read-what-came-meanwhile',
    edits: [
      {
        file: DRIVER,
        search:
          "if (!isOver && (this.#isOutdated || this.#mailbox.offers.length > 0)) return 'calling'; // D9",
        replace: 'void isOver;',
      },
    ],
    noticedBy: [`${EXECUTOR}/runs/driving/driver-and-outbox.spec.ts`],
  },
  {
    name: 'leaves-an-ended-run-that-was-claimed',
    edits: [
      {
        file: DRIVER,
        search: 'const isOver = isFinal(state.status) && this.#known.outbox.length === 0;',
        replace: 'const isOver = isFinal(state.status);',
      },
    ],
    noticedBy: [`${EXECUTOR}/runs/driving/driver-and-outbox.spec.ts`],
  },
  {
    name: 'refuses-again-what-an-operator-has-had-done',
    edits: [
      {
        file: `${EXECUTOR}/api/tasks/task-signals.ts`,
        search:
          'return taken.includes(request) || operations.some((one) => one.request === request);',
        replace: 'return taken.includes(request) && operations.length < 0;',
      },
    ],
    noticedBy: SIMULATION,
  },
];
