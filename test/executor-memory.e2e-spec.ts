import { jest } from '@jest/globals';
import { waitFor } from '../tools/project/wait-for.mjs';
import { AS_IN_CONTAINER, CONTAINER_BYTES, MEBIBYTE } from './support/container-memory.js';
import { callingWorkflow } from './support/definitions.js';
import { type CreatedWorkflow } from './support/flow-api.js';
import { FlowSystem } from './support/flow-system.js';
import { metricOf } from './support/metric.js';
import { forgetPeak, peakMemoryBytes } from './support/peak-memory.js';
import { newEvent } from './support/sample-event.js';
import { sendStructured } from './support/send.js';
import { TargetServer } from './support/target-server.js';
import { activityIdIn } from './support/answer.js';

jest.setTimeout(600_000);

const SLOW_STORE = { ...AS_IN_CONTAINER, MONGODB_OPERATION_MS_MAX: '20000' };

const ENDED = 'flow_run_seconds_count{status="succeeded"}';

/** More senders at once are the listener's matter. */
const SENDERS = 8;

/** As large as an event may be by default. */
const LARGE = 'x'.repeat(4 * MEBIBYTE - 2_000);

describe.each(['nats', 'http'] as const)(
  "an executor in a container's memory, over %s",
  (driver) => {
    let target: TargetServer;
    let system: FlowSystem;
    let workflow: CreatedWorkflow;

    beforeAll(async () => {
      target = await TargetServer.start();
      const listenerEnv = {
        ...SLOW_STORE,
        BODY_WAIT_MS_MAX: '60000',
        REQUEST_MS_MAX: '120000',
      };
      system = await FlowSystem.start({ driver, listenerEnv, executorEnv: SLOW_STORE });
      // Calls are held until all events have come, however long that takes.
      const patient = callingWorkflow(target.url, { timeoutMs: 600_000 });
      workflow = await system.api.createWorkflow(patient);
    });

    afterAll(async () => {
      await system.stop();
      await target.stop();
    });

    beforeEach(() => {
      target.replyWith(() => ({ status: 200, body: { ok: true } }));
      forgetPeak(system.executors[0].process.pid);
    });

    afterEach(async () => {
      const peak = peakMemoryBytes(system.executors[0].process.pid);
      expect(peak).toBeLessThan(CONTAINER_BYTES);
      await waitFor('every byte to be given back', async () => {
        const held = await Promise.all(
          ['activity_bytes', 'answer_bytes', 'dispatch_body_bytes', 'activities'].map((what) =>
            metricOf(system.executorUrl, `flow_in_flight{what="${what}"}`),
          ),
        );
        return held.every((bytes) => bytes === 0) || undefined;
      });
    });

    /** Sends so many, tells when all are accepted, and resolves when all of them are over. */
    async function runAll(
      events: number,
      data: (n: number) => object,
      accepted = (): void => undefined,
    ): Promise<void> {
      const before = await metricOf(system.executorUrl, ENDED);
      const ids: string[] = [];
      const numbers = Array.from({ length: events }, (_, n) => n).values();
      const sender = async (): Promise<void> => {
        for (const n of numbers) {
          const event = newEvent(workflow.id, { data: { n, ...data(n) } });
          const options = { ...workflow, path: `/listener/event?ref=${workflow.id}` };
          const answer = await sendStructured(system.listenerUrl, event, options);
          expect(answer.status).toBe(202);
          ids.push(activityIdIn(answer));
        }
      };
      await Promise.all(Array.from({ length: SENDERS }, sender));
      accepted();
      await waitFor(
        'all runs to end',
        async () => {
          const ended = await metricOf(system.executorUrl, ENDED);
          return ended >= before + events || undefined;
        },
        { timeoutMs: 300_000 },
      );
      const [last] = ids.slice(-1);
      expect((await system.api.activity(last ?? ''))?.status).toBe('succeeded');
    }

    it('runs 60 events of 4 MiB whose calls are answered only when all events have arrived', async () => {
      const held = target.hold();

      await runAll(60, () => ({ LARGE }), held.release);
    });

    it('reads 300 answers of 256 KiB that arrive at once', async () => {
      const answer = JSON.stringify({ text: 'x'.repeat(262_144 - 100) });
      let asked = 0;
      let open = (): void => undefined;
      const all = new Promise<void>((resolve) => (open = resolve));
      setTimeout(open, 5_000);
      target.replyWith(async () => {
        asked += 1;
        await all;
        return { status: 200, text: answer };
      });

      await runAll(300, () => ({}));
      expect(asked).toBeGreaterThanOrEqual(300);
    });
  },
);
