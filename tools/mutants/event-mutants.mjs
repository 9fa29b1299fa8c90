/** Faults in what sends events out. */

/** @type {readonly import('./mutants.mjs').Mutant[]} */
export const EVENT_MUTANTS = [
  {
    name: 'sends-the-same-event-under-another-id',
    edits: [
      {
        file: 'libs/workflow-engine/src/task-types/event/event.ts',
        search: 'id: `${keysOf}:${task}:${keyAttempt}`,',
        replace: 'id: `${keysOf}:${task}:${keyAttempt + keyAt}`,',
      },
    ],
    noticedBy: ['libs/workflow-engine/src/task-types/event/event.spec.ts'],
  },
  {
    name: 'lets-workflows-publish-where-we-listen',
    edits: [
      {
        file: 'libs/messaging/src/topology/outside-subjects.ts',
        search: 'if (isOurs && !matches(outsideWildcard(this.namespace), subject)) {',
        replace: "if (isOurs && subject === '') {",
      },
    ],
    noticedBy: ['libs/messaging/src/topology/outside-subjects.spec.ts'],
  },
  {
    name: 'counts-no-hops',
    edits: [
      {
        file: 'apps/workflow-executor/src/tasks/event/event-to-send.ts',
        search: 'const hops = (scope.hops ?? 0) + 1;',
        replace: 'const hops = Math.min(scope.hops ?? 0, 0) + 1;',
      },
    ],
    noticedBy: ['apps/workflow-executor/src/tasks/event/event-task-handler.spec.ts'],
  },
  {
    name: 'signs-less-than-it-sends',
    edits: [
      {
        file: 'apps/workflow-executor/src/tasks/http/standard-webhooks.ts',
        search: '.update(`${id}.${timestamp}.`).update(body)',
        replace: '.update(`${id}.${timestamp}.`)',
      },
    ],
    noticedBy: ['apps/workflow-executor/src/tasks/http/standard-webhooks.spec.ts'],
  },
  {
    name: 'forgets-whom-to-notify',
    edits: [
      {
        file: 'libs/workflow-engine/src/run/begin.ts',
        search: 'if (notify.length === 0) return {};',
        replace: 'if (notify.length >= 0) return {};',
      },
    ],
    noticedBy: [
      'libs/workflow-engine/src/run/notify.spec.ts',
      'apps/workflow-executor/src/webhooks/webhook-entries.spec.ts',
    ],
  },
  {
    name: 'tells-the-end-before-its-tasks',
    edits: [
      {
        file: 'apps/workflow-executor/src/outbox/status-entries.ts',
        search: 'const isEnd = isFinal(step.state.status);',
        replace: 'const isEnd = !isFinal(step.state.status);',
      },
    ],
    noticedBy: ['apps/workflow-executor/src/outbox/status-entries.spec.ts'],
  },
];
