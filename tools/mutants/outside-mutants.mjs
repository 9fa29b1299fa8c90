/**
 * What is sent out, and what others say or fail to say.
 *
 * @type {readonly import('./mutants.mjs').Mutant[]}
 */
export const OUTSIDE_MUTANTS = [
  {
    name: 'sends-a-post-over-a-kept-connection',
    edits: [
      {
        file: 'apps/workflow-executor/src/tasks/http/http-exchange.ts',
        search: 'options.mayReuse && isIdempotent(request.method)',
        replace: 'options.mayReuse && isIdempotent(request.method.replace(/^POST$/, "GET"))',
      },
    ],
    noticedBy: ['apps/workflow-executor/src/tasks/http/connecting/http-connections.spec.ts'],
  },
  {
    name: 'sends-the-access-token-of-another-workflow',
    edits: [
      {
        file: 'apps/workflow-executor/src/tasks/http/oauth2/access-tokens.ts',
        search: 'const parts = [workflowId, tokenUrl,',
        replace: 'void workflowId;\n  const parts = [tokenUrl,',
      },
    ],
    noticedBy: ['apps/workflow-executor/src/tasks/http/oauth2/access-tokens.spec.ts'],
  },
  {
    name: 'takes-the-last-of-several-credentials',
    edits: [
      {
        file: 'libs/auth/src/tokens/read-token.ts',
        search: "if (words.length > 2) return words.join(' ');",
        replace: "if (words.length > 9) return words.join(' ');",
      },
    ],
    noticedBy: ['libs/auth/src/tokens/read-token.spec.ts'],
  },
  {
    name: 'takes-what-it-does-not-know-for-an-answer',
    edits: [
      {
        file: 'libs/persistence/src/connection/store-error.ts',
        search: '  return isFaultOfOurs(error);',
        replace: '  return isFaultOfOurs(error) || !(error instanceof mongo.MongoError);',
      },
    ],
    noticedBy: ['libs/persistence/src/connection/store-error.spec.ts'],
  },
  {
    name: 'leaves-with-the-error-of-what-is-gone',
    edits: [
      {
        file: 'libs/messaging/src/link/nats-link.ts',
        search: 'connection.drain().catch(() => undefined)',
        replace: 'connection.drain()',
      },
    ],
    noticedBy: ['libs/messaging/test/nats-link.int-spec.ts'],
  },
  {
    name: 'leaves-cancelled-work-in-its-queue',
    edits: [
      {
        file: 'libs/messaging/src/dispatch/task-publisher.ts',
        search: 'await this.remove({ subject: taskSubject(namespace, queue, subjectKey(key)) });',
        replace: 'taskSubject(namespace, queue, subjectKey(key));',
      },
    ],
    noticedBy: ['test/workers.e2e-spec.ts'],
  },
];
