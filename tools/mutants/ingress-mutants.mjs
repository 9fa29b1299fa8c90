const STANDARD = 'apps/listener/src/providers/senders/standard-webhooks.ts';
const SENDERS = 'apps/listener/src/providers/senders-as-they-are.spec.ts';
const DOCKER_HUB = 'apps/workflow-executor/src/outbox/docker-hub.spec.ts';

/**
 * What comes in: providers, filters and CESQL.
 *
 * @type {readonly import('./mutants.mjs').Mutant[]}
 */
export const INGRESS_MUTANTS = [
  {
    name: 'sends-a-receipt-to-whom-takes-it-for-an-event',
    edits: [
      {
        file: 'apps/listener/src/ingress/preference.ts',
        search: 'return !preferences.some(',
        replace: 'return preferences.length > 0 || !preferences.some(',
      },
    ],
    noticedBy: ['apps/listener/src/ingress/preference.spec.ts'],
  },
  {
    name: 'checks-the-first-of-several-signatures-alone',
    edits: [
      {
        file: 'apps/listener/src/providers/hmac.ts',
        search: 'sent.split(BETWEEN).filter((part) => part !== sent)',
        replace: 'sent.split(BETWEEN).slice(0, 1)',
      },
    ],
    noticedBy: [SENDERS],
  },
  {
    name: 'takes-the-key-that-everybody-has',
    edits: [
      {
        file: STANDARD,
        search: 'BASE64.test(text) ?',
        replace: "BASE64.test(text) || text !== '' ?",
      },
    ],
    noticedBy: [SENDERS],
  },
  {
    name: 'turns-events-away-when-a-bound-of-filters-was-made-smaller',
    edits: [
      {
        file: 'libs/filters/src/filter-limits.ts',
        search: 'return { ...limits, clausesMax: 1_000, depthMax: 64 };',
        replace: 'return { ...limits };',
      },
    ],
    noticedBy: ['libs/filters/src/compiled-filters.spec.ts'],
  },
  {
    name: 'evaluates-cesql-without-end',
    edits: [
      {
        file: 'libs/cesql/src/run.ts',
        search: 'if (this.#workChars <= this.workCharsMax) return true;',
        replace: 'if (this.#workChars >= 0) return true;',
      },
    ],
    noticedBy: ['libs/cesql/src/cesql-expression.spec.ts'],
  },
  {
    name: 'answers-any-host-that-begins-like-docker-hub',
    edits: [
      {
        file: 'apps/workflow-executor/src/outbox/answer-docker-hub.ts',
        search: 'allowed.has(hostname)',
        replace: '[...allowed].some((host) => hostname.startsWith(host))',
      },
    ],
    noticedBy: [DOCKER_HUB],
  },
  {
    name: 'answers-docker-hub-for-ever',
    edits: [
      {
        file: 'apps/workflow-executor/src/outbox/docker-hub-delivery.ts',
        search: 'if (mayPass && !isTooOld)',
        replace: 'if (mayPass && isTooOld !== undefined)',
      },
    ],
    noticedBy: [DOCKER_HUB],
  },
];
