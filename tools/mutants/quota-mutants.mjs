/** Faults in how many runs a workflow may have in a month, and in how many may come of one event. */

const QUOTAS = 'libs/persistence/src/quotas';
const UNIT = [`${QUOTAS}/run-quotas.spec.ts`];

/** @type {readonly import('./mutants.mjs').Mutant[]} */
export const QUOTA_MUTANTS = [
  {
    name: 'forgets-runs-on-their-way-to-the-record',
    edits: [
      {
        file: `${QUOTAS}/run-quotas.ts`,
        search: 'count.counted + count.since + count.pending < limit',
        replace: 'count.counted + count.since < limit',
      },
    ],
    noticedBy: [...UNIT, 'apps/listener/src/acceptance/event-acceptance-quota.spec.ts'],
  },
  {
    name: 'counts-events-that-come-twice',
    edits: [
      {
        file: `${QUOTAS}/run-quotas.ts`,
        search: 'if (isRecorded) count.since += 1;',
        replace: 'count.since += 1; if (!isRecorded) count.counted += 1;',
      },
    ],
    noticedBy: UNIT,
  },
  {
    name: 'quota-of-the-local-month',
    edits: [
      {
        file: `${QUOTAS}/run-quotas.ts`,
        search: 'return date.getUTCFullYear() * 100 + date.getUTCMonth() + 1;',
        replace:
          'return date.getUTCFullYear() * 100 + date.getUTCMonth() + (date.getUTCDate() > 30 ? 2 : 1);',
      },
    ],
    noticedBy: UNIT,
  },
  {
    name: 'refuses-what-was-accepted-when-the-month-is-full',
    edits: [
      {
        file: `${QUOTAS}/run-quotas.ts`,
        search: 'async () => (await activities.statusOf(id)) !== undefined',
        replace: 'async () => (await activities.statusOf(id)) === undefined && false',
      },
    ],
    noticedBy: [...UNIT, 'apps/listener/src/acceptance/event-acceptance-quota.spec.ts'],
  },
  {
    name: 'children-need-no-quota',
    edits: [
      {
        file: 'apps/workflow-executor/src/children/child-creator.ts',
        search: 'const reserved = await reserveQuota(id, workflow, clock(), this.parts);',
        replace:
          'const reserved = await reserveQuota(id, { id }, clock(), this.parts).catch(() => undefined);',
      },
    ],
    noticedBy: ['apps/workflow-executor/src/children/child-bounds.spec.ts'],
  },
  {
    name: 'retention-gives-quota-back',
    edits: [
      {
        file: 'libs/persistence/src/retention/expired-activities.ts',
        search: 'if (one.quotaMonth !== undefined && one.quotaMonth >= month) return false;',
        replace: '',
      },
    ],
    noticedBy: ['libs/persistence/test/retention.int-spec.ts'],
  },
  {
    name: 'events-of-tasks-count-with-nobody',
    edits: [
      {
        file: 'apps/workflow-executor/src/tasks/event/event-task-handler.ts',
        search: 'await this.#count(scope.root, self)',
        replace: 'await this.#count(undefined, self)',
      },
    ],
    noticedBy: ['apps/workflow-executor/src/tasks/event/event-task-handler.spec.ts'],
  },
  {
    name: 'takes-a-first-run-that-nobody-signed',
    edits: [
      {
        file: 'libs/events/src/event/signed-roots.ts',
        search:
          "return this.keys.verify('origin', signed(root, event), signatures.join(' ')) ? root : undefined;",
        replace: 'return signatures.length > 9 ? undefined : root;',
      },
    ],
    noticedBy: ['libs/events/src/event/signed-roots.spec.ts'],
  },
  {
    name: 'takes-a-first-run-that-was-signed-for-another-event',
    edits: [
      {
        file: 'libs/events/src/event/signed-roots.ts',
        search: 'return [root, source, id];',
        replace: 'return [root, source.slice(id.length + 999)];',
      },
    ],
    noticedBy: [
      'libs/events/src/event/signed-roots.spec.ts',
      'apps/listener/src/ingress/webhooks/flow-hops.spec.ts',
    ],
  },
];
