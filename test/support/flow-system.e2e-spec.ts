import { jest } from '@jest/globals';
import { isAlive } from '../../tools/project/process-life.mjs';
import { FlowSystem } from './flow-system.js';
import { sendBinary, sendStructured, sendWebhook } from './send.js';
import { TargetServer } from './target-server.js';
import { chain, httpTask } from './definitions.js';
import { newEvent } from './sample-event.js';

jest.setTimeout(300_000);

let target: TargetServer;
let system: FlowSystem | undefined;

beforeEach(async () => {
  target = await TargetServer.start();
});

afterEach(async () => {
  await system?.stop();
  await target.stop();
});

describe(FlowSystem.name, () => {
  it.each([
    { driver: 'nats', servers: 'shared' },
    { driver: 'http', servers: 'shared' },
    { driver: 'nats', servers: 'own', executors: 2 },
  ] as const)(
    'runs what is sent to it in each mode, and starts what was killed again where it was: %j',
    async (options) => {
      system = await FlowSystem.start(options);
      const { listenerUrl, api } = system;
      const workflow = await api.createWorkflow(
        chain('calling', [httpTask('call', { method: 'POST', url: `${target.url}/call` })]),
      );

      const answers = [
        await sendStructured(listenerUrl, newEvent(workflow.id), workflow),
        await sendBinary(listenerUrl, newEvent(workflow.id), workflow),
        await sendWebhook(listenerUrl, workflow.id, { some: 'data' }, workflow),
      ];

      for (const { status, body } of answers) {
        expect(status).toBe(202);
        const { activityid } = body as { readonly activityid: string };
        expect(await api.untilFinal(activityid)).toMatchObject({ status: 'succeeded' });
      }
      expect(target.callsTo('/call')).toHaveLength(3);
      expect(new Set(target.calls.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(3);
      await expectRestart(system);
    },
  );

  /** A killed executor starts again where it was. */
  async function expectRestart({ executors, api }: FlowSystem): Promise<void> {
    const [executor] = executors;
    const { pid, port } = executor;
    await executor.kill();
    expect(isAlive(pid)).toBe(false);

    await executor.restart();

    expect(executor.port).toBe(port);
    expect(await api.activity('0'.repeat(64))).toBeUndefined();
  }
});
