import { BATCH_MUTANTS } from './batch-mutants.mjs';
import { CHILDREN_MUTANTS } from './children-mutants.mjs';
import { RETRY_MUTANTS } from './retry-mutants.mjs';
import { ENGINE_MUTANTS } from './engine-mutants.mjs';
import { EVENT_MUTANTS } from './event-mutants.mjs';
import { HANDOVER_MUTANTS } from './handover-mutants.mjs';
import { INBOX_MUTANTS } from './inbox-mutants.mjs';
import { INGRESS_MUTANTS } from './ingress-mutants.mjs';
import { ANSWER_MUTANTS } from './answer-mutants.mjs';
import { OUTBOX_MUTANTS } from './outbox-mutants.mjs';
import { ACCESS_MUTANTS } from './access-mutants.mjs';
import { OUTSIDE_MUTANTS } from './outside-mutants.mjs';
import { RUN_MUTANTS } from './run-mutants.mjs';
import { QUOTA_MUTANTS } from './quota-mutants.mjs';
import { SLOT_MUTANTS } from './slot-mutants.mjs';
import { SWEEP_MUTANTS } from './sweep-mutants.mjs';
import { WAIT_MUTANTS } from './wait-mutants.mjs';
import { WRITING_MUTANTS } from './writing-mutants.mjs';

/**
 * Faults that would break a promise, each with the tests that must notice it. The text to replace is exactly once in
 * its file; otherwise the mutant is outdated, which is an error.
 *
 * @typedef {object} Edit
 * @property {string} file
 * @property {string} search
 * @property {string} replace
 *
 * @typedef {object} Mutant
 * @property {string} name
 * @property {readonly Edit[]} edits together they are one fault, and compile
 * @property {readonly string[]} noticedBy files with tests; in each of them one must fail
 */

const ACCEPTANCE = 'apps/listener/src/acceptance/event-acceptance.ts';

/** @type {readonly Mutant[]} */
export const MUTANTS = [
  ...RUN_MUTANTS,
  ...CHILDREN_MUTANTS,
  ...ENGINE_MUTANTS,
  ...RETRY_MUTANTS,
  ...SLOT_MUTANTS,
  ...SWEEP_MUTANTS,
  ...QUOTA_MUTANTS,
  ...WAIT_MUTANTS,
  ...OUTBOX_MUTANTS,
  ...ANSWER_MUTANTS,
  ...HANDOVER_MUTANTS,
  ...INBOX_MUTANTS,
  ...BATCH_MUTANTS,
  ...EVENT_MUTANTS,
  ...INGRESS_MUTANTS,
  ...ACCESS_MUTANTS,
  ...OUTSIDE_MUTANTS,
  ...WRITING_MUTANTS,
  {
    name: 'signature-ends-at-the-last-bytes',
    edits: [
      {
        file: 'libs/signing/src/signing-keys.ts',
        search: "(text === '' ? hmac : hmac.update(text)).digest()",
        replace: 'hmac.digest()',
      },
    ],
    noticedBy: ['libs/signing/src/signing-keys.spec.ts'],
  },
  {
    name: 'acknowledges-first',
    edits: [
      {
        file: 'libs/messaging/src/consume/ack-loop.ts',
        search: 'await this.#handle(delivery, held);\n      delivery.ack();',
        replace: 'delivery.ack();\n      await this.#handle(delivery, held);',
      },
    ],
    noticedBy: [
      'libs/messaging/test/message-handling.int-spec.ts',
      'libs/messaging/test/dead-letters.int-spec.ts',
      'libs/messaging/test/consumer-recovery.int-spec.ts',
      'libs/messaging/test/server-life.int-spec.ts',
    ],
  },
  {
    name: 'acknowledges-before-the-commit',
    edits: [
      {
        file: 'apps/workflow-executor/src/intake/dispatch.controller.ts',
        search: 'return this.intake.take(received);',
        replace:
          'void this.intake.take(received).catch(() => undefined);\n    return Promise.resolve();',
      },
    ],
    noticedBy: ['apps/workflow-executor/src/intake/dispatch.controller.spec.ts'],
  },
  {
    name: 'tells-nobody-of-what-was-recorded-without-an-answer',
    edits: [
      {
        file: ACCEPTANCE,
        search: 'if (outcome.isUntouched) this',
        replace: "if (outcome.isUntouched && activityId === '') this",
      },
    ],
    noticedBy: ['apps/listener/src/acceptance/event-acceptance.spec.ts'],
  },
  {
    name: 'looks-for-the-undispatched-only-when-it-is-quiet',
    edits: [
      {
        file: 'apps/workflow-executor/src/runs/sweeping/sweeper.ts',
        search: ' && now > this.#outageOverAt) return 0;',
        replace: ' && now > 0) return 0;',
      },
    ],
    noticedBy: ['apps/workflow-executor/src/runs/sweeping/sweeper.spec.ts'],
  },
  {
    name: 'walks-paths-without-steps',
    edits: [
      {
        file: 'libs/json-path/src/walk.ts',
        search: 'this.budget.take(values * STEPS_A_VALUE, this.stepsMax)',
        replace: 'this.budget.take(0, this.stepsMax + values * STEPS_A_VALUE)',
      },
    ],
    noticedBy: ['libs/filters/src/path-steps.spec.ts'],
  },
  {
    name: 'answers-before-the-write',
    edits: [
      {
        file: ACCEPTANCE,
        search: 'const outcome = await this.#record(dispatch, reserved);',
        replace:
          "void this.#record(dispatch, reserved).catch(() => undefined);\n    const outcome: RecordOutcome = { kind: 'recorded' };",
      },
    ],
    noticedBy: [
      'apps/listener/src/acceptance/event-acceptance.spec.ts',
      'test/same-event.e2e-spec.ts',
    ],
  },
  {
    name: 'no-token-for-a-cached-workflow',
    edits: [
      {
        file: 'libs/auth/src/workflow-access.ts',
        search: 'export class WorkflowAccess {',
        replace: 'const opened = new Set<string>();\nexport class WorkflowAccess {',
      },
      {
        file: 'libs/auth/src/workflow-access.ts',
        search:
          'if (workflow && isTokenOf(workflow, hash, this.clock()) && isSender(workflow))\n        return workflow;\n    }',
        replace:
          'if (workflow) opened.add(workflowId);\n      if (workflow) return workflow;\n    }\n    const known = this.workflows.peek(workflowId);\n    if (known && opened.has(workflowId)) return known;',
      },
    ],
    noticedBy: ['libs/auth/src/workflow-access.spec.ts'],
  },
  {
    name: 'does-not-wait-for-jetstream-without-mongodb',
    edits: [
      {
        file: 'apps/listener/src/acceptance/event-spool.ts',
        search: 'await dispatcher.dispatch(dispatch);',
        replace: 'void dispatcher.dispatch(dispatch).catch(() => undefined);',
      },
    ],
    noticedBy: ['apps/listener/src/acceptance/event-acceptance-spooled.spec.ts'],
  },
  {
    name: 'takes-a-refused-publish-for-stored',
    edits: [
      {
        file: 'libs/messaging/src/dispatch/jetstream-publisher.ts',
        search: "if (answer.kind === 'stored') {",
        replace:
          "if (answer.kind === 'refused')\n      publication.resolve({ stream: '', sequence: 0, duplicate: false });\n    if (answer.kind === 'stored') {",
      },
    ],
    noticedBy: ['libs/messaging/test/jetstream-dispatcher.int-spec.ts'],
  },
  {
    name: 'no-http-without-nats',
    edits: [
      {
        file: 'libs/messaging/src/dispatch/failover-dispatcher.ts',
        search: '    await send(this.secondary);\n',
        replace: '',
      },
    ],
    noticedBy: ['libs/messaging/src/dispatch/failover-dispatcher.spec.ts'],
  },
  {
    name: 'gives-up-the-only-copy',
    edits: [
      {
        file: 'apps/workflow-executor/src/intake/stored-dead-letters.ts',
        search: 'if (accepted?.recorded === false) await',
        replace: 'if (accepted?.recorded === true) await',
      },
    ],
    noticedBy: ['apps/workflow-executor/src/intake/stored-dead-letters.spec.ts'],
  },
  {
    name: 'ends-what-it-lacks',
    edits: [
      {
        file: 'apps/workflow-executor/src/runs/starting/plans.ts',
        search: 'if (missingFeatures({ requires }, this.features).length > 0) return { requires };',
        replace:
          'if (missingFeatures({ requires }, this.features).length < 0) return { requires };',
      },
    ],
    noticedBy: ['apps/workflow-executor/src/runs/starting/run-starter.spec.ts'],
  },
];
