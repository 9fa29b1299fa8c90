/**
 * Who may ask, and what is refused.
 *
 * @type {readonly import('./mutants.mjs').Mutant[]}
 */
export const ACCESS_MUTANTS = [
  {
    name: 'never-turns-away',
    edits: [
      {
        file: 'libs/http/src/admission/overload-gate.ts',
        search: 'if (rejection === undefined) {',
        replace: 'if (rejection === undefined || rejection.status > 0) {',
      },
    ],
    noticedBy: ['libs/http/test/problems.int-spec.ts'],
  },
  {
    name: 'reads-a-body-before-the-token',
    edits: [
      {
        file: 'apps/workflow-executor/src/access/authorize-before-body.ts',
        search: "server.addHook('onRequest', async (request) => {",
        replace: "server.addHook('preHandler', async (request) => {",
      },
    ],
    noticedBy: ['test/executor-strangers.e2e-spec.ts'],
  },
  {
    name: 'starts-with-a-route-that-declares-no-permission',
    edits: [
      {
        file: 'apps/workflow-executor/src/access/authorize-before-body.ts',
        search:
          'if (!permission) throw new PermissionUndeclaredError(String(route.method), route.url);',
        replace: 'if (!permission) return;',
      },
    ],
    noticedBy: ['apps/workflow-executor/src/access/authorize-before-body.spec.ts'],
  },
  {
    name: 'takes-every-scope-for-everything',
    edits: [
      {
        file: 'libs/auth/src/principals/principal.ts',
        search: "if (scope.kind === 'everything') return true;",
        replace: "if (scope.kind === 'everything' || ACTIONS.length > 0) return true;",
      },
    ],
    noticedBy: [
      'libs/auth/src/principals/principal.spec.ts',
      'apps/workflow-executor/src/access/action-guard.spec.ts',
    ],
  },
  {
    name: 'takes-any-signature-for-the-token-that-is-there',
    edits: [
      {
        file: 'libs/auth/src/workflow-access.ts',
        search: 'if (isSigned(recent) && recent && isSender(recent)) return recent;',
        replace: 'if (recent) return recent;',
      },
    ],
    noticedBy: ['libs/auth/src/workflow-access-signed.spec.ts'],
  },
  {
    name: 'takes-old-signatures',
    edits: [
      {
        file: 'apps/listener/src/providers/signature.ts',
        search: '<= ageMsMax;',
        replace: '<= ageMsMax * 1_000;',
      },
    ],
    noticedBy: ['apps/listener/src/providers/webhook-providers.spec.ts'],
  },
  {
    name: 'tells-by-the-look-ups-which-workflow-exists',
    edits: [
      {
        file: 'libs/persistence/src/workflows/workflow-cache.ts',
        search:
          'if (isKnown && this.now() < (this.#recentUntil.get(id) ?? 0)) return entry?.workflow;',
        replace: 'if (isKnown && this.now() >= 0) return entry?.workflow;',
      },
    ],
    noticedBy: ['libs/persistence/src/workflows/workflow-cache.spec.ts'],
  },
];
