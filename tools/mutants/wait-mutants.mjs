/** Faults in waits for people and events, and in what definitions are made of. */

/** @type {readonly import('./mutants.mjs').Mutant[]} */
export const WAIT_MUTANTS = [
  {
    name: 'reminds-nobody',
    edits: [
      {
        file: 'libs/workflow-engine/src/task-types/approval.ts',
        search: 'Math.min(dueAt, now + remindMs);',
        replace: 'Math.min(dueAt, remindMs + Infinity);',
      },
    ],
    noticedBy: ['libs/workflow-engine/src/task-types/waits.spec.ts'],
  },
  {
    name: 'reminds-once',
    edits: [
      {
        file: 'libs/workflow-engine/src/task-types/approval.ts',
        search: '    on: { ...on, ...untilOf(memory, now) },\n',
        replace: '    on: { ...on, until: undefined } as never,\n',
      },
    ],
    noticedBy: ['libs/workflow-engine/src/task-types/waits.spec.ts'],
  },
  {
    name: 'reminds-instead-of-timing-out',
    edits: [
      {
        file: 'libs/workflow-engine/src/task-types/approval.ts',
        search: 'if (remindMs === undefined || (dueAt !== undefined && dueAt <= now)) return',
        replace: 'if (remindMs === undefined) return',
      },
    ],
    noticedBy: ['libs/workflow-engine/src/task-types/waits.spec.ts'],
  },
  {
    name: 'takes-events-that-its-filter-does-not-match',
    edits: [
      {
        file: 'libs/workflow-engine/src/task-types/wait-for-event.ts',
        search: "filter.kind === 'ok' && filter.matches(filteredEvent(input))",
        replace: "filter.kind === 'ok' && filteredEvent(input) !== undefined",
      },
    ],
    noticedBy: ['libs/workflow-engine/src/task-types/event-filter.spec.ts'],
  },
  {
    name: 'hides-attributes-of-an-event-from-filters-of-tasks',
    edits: [
      {
        file: 'libs/workflow-engine/src/task-types/event-filter.ts',
        search: '...signal.attributes,',
        replace: '',
      },
    ],
    noticedBy: ['libs/workflow-engine/src/task-types/event-filter.spec.ts'],
  },
  {
    name: 'asks-for-no-event-after-one-that-did-not-match',
    edits: [
      {
        file: 'libs/workflow-engine/src/run/signals/take-signal.ts',
        search: 'received.ask !== undefined && run.outbox.fits([received.ask])',
        replace: 'received.ask !== undefined && !run.outbox.fits([received.ask])',
      },
    ],
    noticedBy: ['libs/workflow-engine/src/task-types/event-filter.spec.ts'],
  },
  {
    name: 'gives-an-event-that-others-give',
    edits: [
      {
        file: 'libs/persistence/src/correlated-events/event-matcher.ts',
        search: 'waiting.length > 0 && (await this.events.claim(id, waiting));',
        replace: 'waiting.length > 0;',
      },
    ],
    noticedBy: ['libs/persistence/src/testing/memory/memory-stores.spec.ts'],
  },
  {
    name: 'gives-no-wait-what-came-before-it',
    edits: [
      {
        file: 'libs/persistence/src/correlated-events/event-matcher.ts',
        search: 'this.events.pending(workflowId, key, SERVED_MAX)',
        replace: 'this.events.pending(workflowId, key, 0)',
      },
    ],
    noticedBy: ['libs/persistence/src/testing/memory/memory-stores.spec.ts'],
  },
  {
    name: 'tells-the-same-event-under-another-id',
    edits: [
      {
        file: 'libs/persistence/src/correlated-events/event-matcher.ts',
        search: 'id: `event:${id}`,',
        replace: 'id: `event:${id}:${Math.random()}`,',
      },
    ],
    noticedBy: ['libs/persistence/src/testing/memory/memory-stores.spec.ts'],
  },
  {
    name: 'takes-an-event-for-delivered-that-nobody-took',
    edits: [
      {
        file: 'libs/persistence/src/correlated-events/event-matcher.ts',
        search: 'if (token !== undefined && (hasEnded || signalled.length > 0))',
        replace: 'if (token !== undefined && (!hasEnded || signalled.length > 0))',
      },
    ],
    noticedBy: [
      'libs/persistence/src/testing/memory/memory-stores.spec.ts',
      'apps/workflow-executor/src/testing/simulation/simulation.spec.ts',
    ],
  },
  {
    name: 'imports-an-edge-without-its-condition',
    edits: [
      {
        file: 'libs/workflow-engine/src/boomerang-v4/import-task.ts',
        search: 'return { ...rest, executionCondition, ...pattern };',
        replace: 'return { ...rest, ...pattern };',
      },
    ],
    noticedBy: ['libs/workflow-engine/src/boomerang-v4/import-workflow.spec.ts'],
  },
  {
    name: 'imports-a-script-as-one-of-ours',
    edits: [
      {
        file: 'libs/workflow-engine/src/boomerang-v4/import-task.ts',
        search: "  ['script', 'custom'],\n",
        replace: "  ['script', 'script'],\n",
      },
    ],
    noticedBy: ['libs/workflow-engine/src/boomerang-v4/import-workflow.spec.ts'],
  },
  {
    name: 'takes-null-for-a-value',
    edits: [
      {
        file: 'libs/workflow-engine/src/parameters/functions.ts',
        search: 'args.find((value) => value !== null) ?? null',
        replace: 'args.find((value) => value !== undefined) ?? null',
      },
    ],
    noticedBy: ['libs/workflow-engine/src/parameters/functions.spec.ts'],
  },
  {
    name: 'joins-without-what-stands-between',
    edits: [
      {
        file: 'libs/workflow-engine/src/parameters/functions.ts',
        search: '.join(between)',
        replace: ".join('')",
      },
    ],
    noticedBy: ['libs/workflow-engine/src/parameters/functions.spec.ts'],
  },
  {
    name: 'joins-whatever-size-it-takes',
    edits: [
      {
        file: 'libs/workflow-engine/src/parameters/functions.ts',
        search: ' > charsMax) return',
        replace: ' > Infinity) return',
      },
    ],
    noticedBy: ['libs/workflow-engine/src/parameters/functions.spec.ts'],
  },
  {
    name: 'null-is-left-out',
    edits: [
      {
        file: 'libs/workflow-engine/src/task-types/task-behaviour.ts',
        search:
          'const value = params[param] === undefined && rule.required ? null : params[param];',
        replace: 'const value = params[param] ?? (rule.required ? null : undefined);',
      },
    ],
    noticedBy: ['libs/workflow-engine/src/task-types/resolved-params.spec.ts'],
  },
];
