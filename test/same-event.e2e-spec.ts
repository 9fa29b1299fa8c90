import { jest } from '@jest/globals';
import { activityIdIn } from './support/answer.js';
import { keepingWorkflow } from './support/definitions.js';
import { type CreatedWorkflow } from './support/flow-api.js';
import { FlowSystem } from './support/flow-system.js';
import { newEvent } from './support/sample-event.js';
import { sendStructured } from './support/send.js';

jest.setTimeout(300_000);

const SENDERS = 50;

let system: FlowSystem;
let workflow: CreatedWorkflow;
let url: string;

beforeAll(async () => {
  system = await FlowSystem.start({ servers: 'shared' });
  url = system.listenerUrl;
});

afterAll(() => system.stop());

let workflows = 0;

beforeEach(async () => {
  workflows += 1;
  workflow = await system.api.createWorkflow(keepingWorkflow(`same-${workflows}`));
});

describe('the same event', () => {
  it('50 times at once has one activity and 50 equal receipts', async () => {
    const event = newEvent(workflow.id);

    const answers = await Promise.all(
      Array.from({ length: SENDERS }, () => sendStructured(url, event, workflow)),
    );

    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
    const receipts = new Set(answers.map(({ body }) => JSON.stringify(body)));
    expect(receipts.size).toBe(1);
    const locations = new Set(answers.map(({ headers }) => headers.get('location')));
    expect(locations.size).toBe(1);
    const replayed = answers.filter(({ headers }) => headers.get('idempotent-replayed') === 'true');
    expect(replayed).toHaveLength(SENDERS - 1);
    const activities = await system.api.activities(workflow.id);
    expect(activities).toHaveLength(1);
    const activity = await system.api.untilFinal(activities[0]?.id ?? '');
    expect(activity).toMatchObject({ status: 'succeeded', results: { kept: 'value' } });
    expect(activity).not.toHaveProperty('conflicts');
  });

  it('50 times at once, each with a time and a trace of its own, has the receipt of one', async () => {
    const event = newEvent(workflow.id);

    const answers = await Promise.all(
      Array.from({ length: SENDERS }, (_, sender) => {
        const time = new Date(sender * 1_000).toISOString();
        const traceparent = `00-${String(sender + 1).padStart(32, '0')}-00f067aa0ba902b7-01`;
        const headers = { traceparent };
        return sendStructured(url, { ...event, time }, { token: workflow.token, headers });
      }),
    );

    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    expect(await system.api.activities(workflow.id)).toHaveLength(1);
  });

  it('is the same with its members in another order, and at a later time', async () => {
    const event = newEvent(workflow.id, { data: { a: 1, b: { c: [1, 2], d: null } } });
    const first = await sendStructured(url, event, workflow);
    await system.api.untilFinal(activityIdIn(first));
    const reversed = Object.fromEntries(Object.entries(event).reverse());
    const again = { ...reversed, data: { b: { d: null, c: [1, 2] }, a: 1.0 } };

    const second = await sendStructured(url, { ...again, time: '2026-01-02T03:04:05z' }, workflow);

    expect(second.status).toBe(202);
    expect(second.headers.get('idempotent-replayed')).toBe('true');
    expect(second.body).toEqual(first.body);
  });

  it.each([
    ['data', { data: { event: 'request_failed' } }],
    ['elements in another order', { data: { list: [2, 1] } }],
    ['type', { type: 'another' }],
    ['a topic', { subject: 'with-topic' }],
    ['no data', { data: undefined, datacontenttype: undefined }],
  ])(
    'with other content (%s) is refused, which is counted on its activity',
    async (what, changes) => {
      const event = newEvent(workflow.id, { data: { list: [1, 2] } });
      const subject = `/${workflow.id}/topic`;
      const other = { ...event, ...changes, ...(what === 'a topic' && { subject }) };
      const first = await sendStructured(url, event, workflow);
      await system.api.untilFinal(activityIdIn(first));

      const answers = [
        await sendStructured(url, other, workflow),
        await sendStructured(url, other, workflow),
      ];

      for (const answer of answers) {
        expect(answer).toMatchObject({ status: 409, body: { code: 'EVENT_CONFLICT' } });
        expect(answer.headers.get('content-type')).toBe('application/problem+json');
      }
      const activity = await system.api.activity(activityIdIn(first));
      expect(activity).toMatchObject({ status: 'succeeded', conflicts: 2 });
      expect(await system.api.activities(workflow.id)).toHaveLength(1);
    },
  );

  it('in 50 versions at once gives one activity and 49 conflicts', async () => {
    const event = newEvent(workflow.id);

    const answers = await Promise.all(
      Array.from({ length: SENDERS }, (_, n) =>
        sendStructured(url, { ...event, data: { inputs: { key: n } } }, workflow),
      ),
    );

    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).toEqual([202, ...Array.from({ length: SENDERS - 1 }, () => 409)]);
    const winner = answers.findIndex(({ status }) => status === 202);
    const activityId = activityIdIn({ body: answers[winner]?.body });
    const activity = await system.api.untilFinal(activityId);
    expect(activity).toMatchObject({ status: 'succeeded', results: { kept: winner } });
    expect(activity).toMatchObject({ conflicts: SENDERS - 1 });
  });
});

describe('an event with the same id', () => {
  it('is a different event for another workflow', async () => {
    const other = await system.api.createWorkflow(keepingWorkflow(`other-${workflows}`));
    const event = newEvent(workflow.id);

    const first = await sendStructured(url, event, workflow);
    const second = await sendStructured(url, { ...event, subject: `/${other.id}` }, other);

    expect(second.headers.get('idempotent-replayed')).toBeNull();
    expect(activityIdIn(second)).not.toBe(activityIdIn(first));
  });

  it('is a different event from another source, even if source and id joined are the same text', async () => {
    const first = newEvent(workflow.id, { source: '/a', id: 'b/c' });
    const second = newEvent(workflow.id, { source: '/a/b', id: 'c' });

    const ids = [
      activityIdIn(await sendStructured(url, first, workflow)),
      activityIdIn(await sendStructured(url, second, workflow)),
    ];

    expect(new Set(ids).size).toBe(2);
    expect(await system.api.activities(workflow.id)).toHaveLength(2);
  });
});
