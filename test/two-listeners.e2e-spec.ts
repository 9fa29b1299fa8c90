import { jest } from '@jest/globals';
import { appUrl } from '../tools/start/app-process.mjs';
import { keepingWorkflow } from './support/definitions.js';
import { FlowSystem } from './support/flow-system.js';
import { untilReported } from './support/readiness.js';
import { newEvent } from './support/sample-event.js';
import { type EventAttributes, sendStructured } from './support/send.js';
import { type Answer } from './support/answer.js';
import { type CreatedWorkflow } from './support/flow-api.js';
import { waitFor } from '../tools/project/wait-for.mjs';

jest.setTimeout(300_000);

const SENDERS = 10;

/**
 * Without MongoDB nobody can tell that an id was used at another listener. Which content it stands for
 * must be the same everywhere afterwards: the one that was written first.
 */
describe('other content under an id, sent to another listener while MongoDB is away', () => {
  let system: FlowSystem;
  let workflow: CreatedWorkflow;
  let urls: readonly string[];

  beforeAll(async () => {
    system = await FlowSystem.start({ listeners: 2 });
    workflow = await system.api.createWorkflow(keepingWorkflow('two-listeners'));
    urls = system.listeners.map(({ port }) => appUrl(port));
    for (const url of urls) await send(url, newEvent(workflow.id));
  });

  afterAll(() => system.stop());

  function send(url: string, event: EventAttributes): Promise<Answer> {
    return sendStructured(url, event, workflow);
  }

  function withKey(event: EventAttributes, key: string): EventAttributes {
    return { ...event, data: { inputs: { key } } };
  }

  it('does not run: the content that was recorded first does, as all listeners answer', async () => {
    const [a = '', b = ''] = urls;
    await system.mongod.kill();
    for (const url of [...urls, system.executorUrl]) await untilReported(url, 'mongodb', 'down');

    const events = Array.from({ length: SENDERS }, () => newEvent(workflow.id));
    // The sender hears nothing of this answer: its request timed out.
    await Promise.all(events.map((event) => send(a, withKey(event, 'first'))));
    const answers = await Promise.all(events.map((event) => send(b, withKey(event, 'second'))));
    await system.mongod.restart();
    for (const url of urls) await untilReported(url, 'mongodb', 'up');

    for (const [at, { status, body }] of answers.entries()) {
      expect(status).toBe(202);
      const { activityid: id } = body as { readonly activityid: string };
      expect(await system.api.untilFinal(id)).toMatchObject({ results: { kept: 'first' } });
      await waitFor('the conflict on record', async () => {
        const activity = await system.api.activity(id);
        return (activity?.conflicts ?? 0) > 0 || undefined;
      });
      const event = events[at] ?? {};
      for (const url of urls) {
        const [first, second] = [
          await send(url, withKey(event, 'first')),
          await send(url, withKey(event, 'second')),
        ];
        expect(first.status).toBe(202);
        expect(first.headers.get('idempotent-replayed')).toBe('true');
        expect(second).toMatchObject({ status: 409, body: { code: 'EVENT_CONFLICT' } });
      }
    }
  });
});
