/** Faults in how an executor takes up what is due, and removes what has expired. */

const FIND_DUE = 'libs/persistence/src/activities/claiming/find-due.ts';
const UNCLAIMED_WORK = 'apps/workflow-executor/src/runs/sweeping/unclaimed-work.ts';
const UNCLAIMED_WORK_SPEC = 'apps/workflow-executor/src/runs/sweeping/unclaimed-work.spec.ts';
const ACTIVE_RUNS = 'apps/workflow-executor/src/runs/driving/active-runs.ts';
const EXPIRED = 'libs/persistence/src/retention/expired-activities.ts';
const NEEDED = 'libs/persistence/src/retention/needed-by-others.ts';
const RELATIVES_SPEC = 'libs/persistence/test/retention-of-relatives.int-spec.ts';
const SWEEPER = 'apps/workflow-executor/src/runs/sweeping/sweeper-unclaimed.spec.ts';

/** @type {readonly import('./mutants.mjs').Mutant[]} */
export const SWEEP_MUTANTS = [
  {
    name: 'claims-nothing-when-young',
    edits: [
      {
        file: UNCLAIMED_WORK,
        search: 'now >= this.#from && this.#isNew(due)',
        replace: 'now >= 0 && this.#from > 0 && this.#isNew(due)',
      },
    ],
    noticedBy: [SWEEPER, UNCLAIMED_WORK_SPEC],
  },
  {
    name: 'takes-again-what-it-could-not-go-on-with',
    edits: [
      {
        file: UNCLAIMED_WORK,
        search: 'if (this.#taken.get(id) === lockVersion) return false;',
        replace: 'if (this.#taken.get(id) === lockVersion) return true;',
      },
    ],
    noticedBy: [SWEEPER, UNCLAIMED_WORK_SPEC],
  },
  {
    name: 'looks-once-for-what-it-lost',
    edits: [
      {
        file: 'apps/workflow-executor/src/runs/sweeping/sweeper.ts',
        search: '      this.runs.mayOwnMore = true;\n',
        replace: "      this.runs.mayOwnMore = early?.kind !== 'own-leases';\n",
      },
    ],
    noticedBy: ['apps/workflow-executor/src/runs/sweeping/sweeper.spec.ts'],
  },
  {
    name: 'looks-for-some-of-what-it-lost',
    edits: [
      {
        file: 'apps/workflow-executor/src/runs/sweeping/sweeper.ts',
        search: 'this.runs.mayOwnMore ||= found === limit;',
        replace: 'this.runs.mayOwnMore ||= found > limit;',
      },
    ],
    noticedBy: ['apps/workflow-executor/src/runs/sweeping/sweeper.spec.ts'],
  },
  {
    name: 'forgets-a-beginning-without-an-answer',
    edits: [
      {
        file: ACTIVE_RUNS,
        search: 'this.mayOwnMore ||= err instanceof StoreUnavailableError;',
        replace: 'this.mayOwnMore ||= err === undefined;',
      },
    ],
    noticedBy: [
      'apps/workflow-executor/src/runs/driving/active-runs.spec.ts',
      'apps/workflow-executor/src/testing/simulation/simulation.spec.ts',
    ],
  },
  {
    name: 'takes-a-commit-for-stale-over-which-a-signal-was-written',
    edits: [
      {
        file: 'libs/persistence/src/activities/writing/inbox.ts',
        search: "    revision: { $add: ['$revision', 1] },",
        replace: "    revision: { $add: ['$revision', 1] },\n    commitId: '$$REMOVE' as never,",
      },
    ],
    noticedBy: ['libs/persistence/test/written-over.int-spec.ts'],
  },
  {
    name: 'leaves-though-notified',
    edits: [
      {
        file: 'apps/workflow-executor/src/runs/driving/activity-driver.ts',
        search: 'isWritten && !this.#isOutdated && isOutrun',
        replace: 'isWritten && isOutrun',
      },
    ],
    noticedBy: [SWEEPER],
  },
  {
    name: 'walks-for-ever',
    edits: [
      {
        file: 'apps/workflow-executor/src/runs/sweeping/due-walk.ts',
        search: 'this.#endsAt = this.clock() + WALK_MS_MAX;',
        replace: 'this.#endsAt = this.clock() * WALK_MS_MAX;',
      },
    ],
    noticedBy: ['apps/workflow-executor/src/runs/sweeping/sweeper-backlog.spec.ts'],
  },
  {
    name: 'wakes-in-the-order-of-ids',
    edits: [
      {
        file: 'libs/persistence/src/activities/stored/activity.schema.ts',
        search: '{ status: 1, gate: 1, wakeAt: 1, createdAt: 1, _id: 1 },',
        replace: '{ status: 1, gate: 1, wakeAt: 1, _id: 1 },',
      },
    ],
    noticedBy: ['libs/persistence/test/contracts.int-spec.ts'],
  },
  {
    name: 'loses-what-did-not-fit',
    edits: [
      {
        file: 'libs/persistence/src/activities/claiming/due-claim.ts',
        search: 'reader.unread(claim, due.slice(fitting.length));',
        replace: 'reader.unread(claim, due.slice(due.length));',
      },
    ],
    noticedBy: ['libs/persistence/test/contracts.int-spec.ts'],
  },
  {
    name: 'takes-takeovers-unclaimed',
    edits: [
      {
        file: 'libs/persistence/src/activities/claiming/due-claim.ts',
        search: 'leaseOwner === undefined && takeovers === 0 && isAllThere(whole)',
        replace: 'leaseOwner === undefined && takeovers >= 0 && isAllThere(whole)',
      },
    ],
    noticedBy: ['libs/persistence/test/contracts.int-spec.ts'],
  },
  {
    name: 'takes-live-leases-after-an-outage',
    edits: [
      {
        file: FIND_DUE,
        search: 'now < regainedAt + leaseMs;',
        replace: 'now < regainedAt - leaseMs;',
      },
    ],
    noticedBy: ['libs/persistence/test/outages.int-spec.ts', 'test/mongod-back.e2e-spec.ts'],
  },
  {
    name: 'claims-what-it-lacks',
    edits: [
      {
        file: FIND_DUE,
        search: '...takenBy(ofRuns, gates) },',
        replace: '...(claim.limit < 0 && takenBy(ofRuns, gates)) },',
      },
    ],
    noticedBy: ['libs/persistence/test/contracts.int-spec.ts'],
  },
  {
    name: 'retention-walks-over-what-it-removed',
    edits: [
      {
        file: EXPIRED,
        search: 'createdAt: { $gte: range.$gte, $lte: place.createdAt },',
        replace: 'createdAt: { ...range, $gte: place.createdAt },',
      },
      {
        file: EXPIRED,
        search: '_id: { $gte: place.id }',
        replace: '_id: { $lte: place.id }',
      },
      {
        file: EXPIRED,
        search: '.sort({ createdAt: -1, _id: -1 })',
        replace: '.sort({ createdAt: 1, _id: 1 })',
      },
    ],
    noticedBy: ['libs/persistence/test/retention-cost.int-spec.ts'],
  },
  {
    name: 'retention-never-pauses-among-small-workflows',
    edits: [
      {
        file: 'libs/persistence/src/retention/retention-job.ts',
        search: 'this.#work.items >= batchItemsMax',
        replace: 'batch.read >= batchItemsMax',
      },
    ],
    noticedBy: ['libs/persistence/test/retention-cost.int-spec.ts'],
  },
  {
    name: 'retention-ignores-the-workflow',
    edits: [
      {
        file: 'libs/persistence/src/retention/retention-job.ts',
        search: '= await own.of(at);',
        replace: '= await own.of(workflowIds.length);',
      },
    ],
    noticedBy: ['libs/persistence/test/own-retention.int-spec.ts'],
  },
  {
    name: 'retention-removes-what-a-parent-waits-for',
    edits: [{ file: NEEDED, search: 'parent?.waits === true', replace: 'parent?.waits === false' }],
    noticedBy: [RELATIVES_SPEC],
  },
  {
    name: 'retention-removes-retries-of-what-it-keeps',
    edits: [{ file: NEEDED, search: " || onRecord.has(retriedBy(one) ?? '')", replace: '' }],
    noticedBy: [RELATIVES_SPEC],
  },
];
