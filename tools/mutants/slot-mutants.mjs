/** Faults in how many runs are under way at once. */

/** @type {readonly import('./mutants.mjs').Mutant[]} */
export const SLOT_MUTANTS = [
  {
    name: 'lets-many-have-a-lock',
    edits: [
      {
        file: 'libs/persistence/src/locks/mongo-lock-store.ts',
        search: '{ held: true });\n    return holder ? [',
        replace: '{ isTold: false });\n    return holder ? [',
      },
      {
        file: 'libs/persistence/src/locks/lock.schema.ts',
        search:
          "  { lock: 1 },\n  { name: 'holder', unique: true, partialFilterExpression: { held: true } },",
        replace: "  { lock: 1 },\n  { name: 'holder', partialFilterExpression: { held: true } },",
      },
    ],
    noticedBy: ['libs/persistence/test/contracts.int-spec.ts', 'test/locks.e2e-spec.ts'],
  },
  {
    name: 'gives-back-the-lock-of-another',
    edits: [
      {
        file: 'libs/persistence/src/locks/mongo-lock-store.ts',
        search: 'this.locks.deleteOne({ _id: idOfAsker(asker) })',
        replace:
          'this.locks.deleteMany({ $or: [{ _id: idOfAsker(asker) }, { lock: asker.lock, held: true }] })',
      },
    ],
    noticedBy: ['libs/persistence/test/contracts.int-spec.ts', 'test/locks.e2e-spec.ts'],
  },
  {
    name: 'begins-without-its-slot',
    edits: [
      {
        file: 'libs/workflow-engine/src/run/advance.ts',
        search: 'if (!run.ended && !run.isQueued && !run.attempts.isBetween)',
        replace: 'if (!run.ended && !run.attempts.isBetween)',
      },
    ],
    noticedBy: [
      'libs/workflow-engine/src/run/run-slot.spec.ts',
      'apps/workflow-executor/src/testing/simulation/simulation.spec.ts',
    ],
  },
  {
    name: 'runs-of-a-bounded-workflow-require-nothing',
    edits: [
      {
        file: 'libs/workflow-engine/src/requirements.ts',
        search: 'if (concurrency !== undefined || ',
        replace: 'if (concurrency === null || ',
      },
    ],
    noticedBy: ['libs/workflow-engine/src/run/run-slot.spec.ts'],
  },
  {
    name: 'gives-one-slot-more',
    edits: [
      {
        file: 'libs/persistence/src/locks/mongo-lock-store.ts',
        search: 'if (taken.size >= limit) return undefined;',
        replace: 'if (taken.size > limit) return undefined;',
      },
    ],
    noticedBy: ['libs/persistence/test/contracts.int-spec.ts'],
  },
  {
    name: 'lets-one-more-wait-for-a-key-than-may',
    edits: [
      {
        file: 'apps/workflow-executor/src/locks/slot-service.ts',
        search: 'if (before >= this.queueMax)',
        replace: 'if (before > this.queueMax)',
      },
    ],
    noticedBy: ['apps/workflow-executor/src/locks/slot-service.spec.ts'],
  },
  {
    name: 'keeps-a-lock-that-was-granted-after-its-release',
    edits: [
      {
        file: 'libs/workflow-engine/src/run/signals/take-signal.ts',
        search:
          '  if (!run.outbox.isHeld(entry) && run.outbox.fits([entry])) run.outbox.post(entry);\n',
        replace: '',
      },
    ],
    noticedBy: ['libs/workflow-engine/src/task-types/locks.spec.ts'],
  },
  {
    name: 'tells-once-of-two-grants-of-a-lock',
    edits: [
      {
        file: 'apps/workflow-executor/src/locks/lock-service.ts',
        search: 'const id = `lock:${lock}:${task}:${attempt}:${grantedAt}`;',
        replace: 'const id = `lock:${lock}:${task}:${attempt}:${grantedAt > 0}`;',
      },
    ],
    noticedBy: ['apps/workflow-executor/src/locks/lock-service.spec.ts'],
  },
  {
    name: 'looks-at-each-that-waits-for-a-lock',
    edits: [
      {
        file: 'apps/workflow-executor/src/locks/lock-service.ts',
        search:
          'await this.locks.lookAgainAtQueue(lock, now, { msMin: LOOK_MS, msMax: LOOK_MS_MAX });',
        replace: 'await this.locks.lookAgainAtQueue(lock, now, { msMin: 1, msMax: LOOK_MS_MAX });',
      },
    ],
    noticedBy: ['apps/workflow-executor/src/locks/lock-service.spec.ts'],
  },
  {
    name: 'stops-giving-slots-after-one',
    edits: [
      {
        file: 'apps/workflow-executor/src/locks/lock-service.ts',
        search: 'else if (holder.limit === undefined) return;',
        replace: 'else return;',
      },
    ],
    noticedBy: ['apps/workflow-executor/src/locks/slot-service.spec.ts'],
  },
  {
    name: 'gives-a-slot-to-a-rejected-request',
    edits: [
      {
        file: 'libs/persistence/src/locks/mongo-lock-store.ts',
        search: 'notBefore: { $not: { $gt: new Date(now) } }, turnedAway: { $exists: false } };',
        replace: 'notBefore: { $not: { $gt: new Date(now) } } };',
      },
      {
        file: 'libs/persistence/src/locks/mongo-lock-store.ts',
        search: 'const waits = { ...WAITS, turnedAway: { $exists: false } };',
        replace: 'const waits = { ...WAITS };',
      },
    ],
    noticedBy: ['libs/persistence/test/contracts.int-spec.ts'],
  },
  {
    name: 'forgets-a-rejected-request-whose-run-goes-on',
    edits: [
      {
        file: 'apps/workflow-executor/src/locks/slot-service.ts',
        search: 'if (found.rejection) await this.#endRejected(found, found.rejection);',
        replace: 'if (found.rejection) await this.locks.withdraw(found);',
      },
    ],
    noticedBy: ['apps/workflow-executor/src/locks/slot-service.spec.ts'],
  },
  {
    name: 'counts-what-waits-for-a-slot-as-backlog',
    edits: [
      {
        file: 'libs/persistence/src/activities/count-backlog.ts',
        search: 'const gate = { $nin: [START_LATER, WAITS_FOR_SLOT] };',
        replace: 'const gate = { $nin: [START_LATER] };',
      },
    ],
    noticedBy: ['libs/persistence/test/contracts.int-spec.ts'],
  },
  {
    name: 'gives-a-slot-before-the-burst-is-over',
    edits: [
      {
        file: 'apps/workflow-executor/src/locks/slot-service.ts',
        search: 'notBefore: askedAt + debounceMs }',
        replace: 'notBefore: askedAt - debounceMs }',
      },
    ],
    noticedBy: ['apps/workflow-executor/src/locks/slot-service.spec.ts'],
  },
  {
    name: 'gives-what-is-throttled-at-once',
    edits: [
      {
        file: 'apps/workflow-executor/src/locks/slot-service.ts',
        search: '    if (throttleMs === undefined) {\n',
        replace: '    if (throttleMs === undefined || throttleMs > 0) {\n',
      },
    ],
    noticedBy: ['apps/workflow-executor/src/locks/slot-service.spec.ts'],
  },
  {
    name: 'keeps-the-newest-of-those-that-join',
    edits: [
      {
        file: 'apps/workflow-executor/src/locks/slot-service.ts',
        search: 'for (const one of waiting.slice(0, -1)) await',
        replace: 'for (const one of waiting.slice(1)) await',
      },
    ],
    noticedBy: ['apps/workflow-executor/src/locks/slot-service.spec.ts'],
  },
  {
    name: 'ends-only-what-waits-when-a-newer-one-comes',
    edits: [
      {
        file: 'apps/workflow-executor/src/locks/slot-service.ts',
        search: '        else await this.#end(one, why);\n',
        replace: '',
      },
    ],
    noticedBy: ['apps/workflow-executor/src/locks/slot-service.spec.ts'],
  },
  {
    name: 'has-slots-of-its-own-for-each-run-of-a-key',
    edits: [
      {
        file: 'libs/workflow-engine/src/run/run-slot.ts',
        search: 'name: toJsonText([workflow, key])',
        replace: "name: toJsonText([workflow, key, scope.context['workflowrun-ref'] ?? ''])",
      },
    ],
    noticedBy: ['apps/workflow-executor/src/testing/simulation/simulation.spec.ts'],
  },
  {
    name: 'null-is-a-key',
    edits: [
      {
        file: 'libs/workflow-engine/src/run/run-slot.ts',
        search: 'if (value === null) {',
        replace: "if (value === null && workflow === '') {",
      },
    ],
    noticedBy: ['libs/workflow-engine/src/run/run-slot.spec.ts'],
  },
];
