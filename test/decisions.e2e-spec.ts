import { jest } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { mongo } from 'mongoose';
import { waitFor } from '../tools/project/wait-for.mjs';
import { ask } from './support/answer.js';
import { chain, setProperty } from './support/definitions.js';
import { type CreatedWorkflow } from './support/flow-api.js';
import { FlowSystem } from './support/flow-system.js';
import { newEvent } from './support/sample-event.js';
import { sendBatch, sendStructured, sendWebhook } from './support/send.js';

jest.setTimeout(300_000);

interface DecisionView {
  readonly outcome: string;
  readonly code?: string;
  readonly count: number;
  readonly eventId?: string;
  readonly remoteAddress?: string;
  readonly clauses?: readonly object[];
}

const SECRET_OF_DATA = 'a secret of the data';

let system: FlowSystem;
let url: string;
let workflow: CreatedWorkflow;
let workflows = 0;

beforeAll(async () => {
  system = await FlowSystem.start({
    servers: 'shared',
    listenerEnv: { DECISIONS_PER_MINUTE_MAX: '2', RATE_LIMIT_PER_SECOND: '50' },
  });
  url = system.listenerUrl;
});
afterAll(() => system.stop());

beforeEach(async () => {
  workflows += 1;
  workflow = await aWorkflow(`decisions-${workflows}`);
});

function aWorkflow(name: string): Promise<CreatedWorkflow> {
  return system.api.createWorkflow({
    ...chain(name, [setProperty('keep', 'kept', {})]),
    triggers: {
      event: {
        enabled: true,
        filter: {
          all: [
            { prefix: { type: 'order.' } },
            { conditions: [{ field: '$.data.kind', operation: 'equals', value: 'wanted' }] },
          ],
        },
      },
      webhook: { enabled: false },
    },
  });
}

async function decisions(query: Record<string, string>): Promise<readonly DecisionView[]> {
  const text = new URLSearchParams(query).toString();
  const { status, body } = await ask(`${system.executorUrl}/api/v2/decisions?${text}`, {
    token: system.adminToken,
  });
  expect(status).toBe(200);
  return (body as { readonly decisions: readonly DecisionView[] }).decisions;
}

/** As soon as there are so many; they are written after the answer. */
function untilDecided(query: Record<string, string>, count = 1): Promise<readonly DecisionView[]> {
  return waitFor(`${count} decisions`, async () => {
    const found = await decisions(query);
    return found.length >= count ? found : undefined;
  });
}

function event(changes: object = {}): Readonly<Record<string, unknown>> {
  return newEvent(workflow.id, { type: 'order.placed', data: { kind: 'wanted' }, ...changes });
}

describe('GET /api/v2/decisions', () => {
  it('shows an event that was accepted, sent again, and sent with other content', async () => {
    const { token } = workflow;
    const first = event({ id: 'one' });
    await sendStructured(url, first, { token });
    await sendStructured(url, first, { token });
    await sendStructured(url, { ...first, data: { kind: 'wanted', more: 1 } }, { token });

    const found = await untilDecided({ workflowId: workflow.id, eventId: 'one' }, 3);

    expect(found.map(({ outcome }) => outcome).toSorted()).toEqual([
      'accepted',
      'conflict',
      'duplicate',
    ]);
    const activities = await system.api.activities(workflow.id);
    for (const one of found)
      expect(one).toMatchObject({ activityId: activities[0]?.id, trigger: 'event' });
  });

  it('shows a filter clause by clause, without the data', async () => {
    const data = { kind: SECRET_OF_DATA };
    await sendStructured(url, event({ id: 'two', data }), { token: workflow.token });

    const [found] = await untilDecided({ eventId: 'two', outcome: 'filtered' });

    expect(found?.clauses).toEqual([
      { path: 'filter.all[0].prefix.type', holds: true, wants: '"order."', saw: '"order.placed"' },
      {
        path: 'filter.all[1].conditions[0]',
        holds: false,
        wants: '{"field":"$.data.kind","operation":"equals","value":"wanted"}',
      },
    ]);
    expect(JSON.stringify(found)).not.toContain(SECRET_OF_DATA);
  });

  it('shows rejected requests, whichever check rejected them', async () => {
    const { token, id } = workflow;
    await sendStructured(url, event({ id: 'wrong-token' }), { token: 'wrong' });
    await sendStructured(url, event({ id: 'bad', type: '' }), { token });
    await sendBatch(url, [event({ id: 'in-batch', type: '' })], { token });
    await sendWebhook(url, id, {}, { token });
    const path = `/api/v2/event?ref=${id}`;
    await ask(url + path, {
      method: 'POST',
      token,
      headers: { 'content-type': 'application/cloudevents+json' },
      body: '{"',
    });

    const found = await untilDecided({ workflowId: id }, 5);

    const told = found.map((one) => [one.outcome, one.code, one.eventId]);
    expect(told).toEqual(
      expect.arrayContaining([
        ['refused', 'TOKEN_INVALID', 'wrong-token'],
        ['refused', 'EVENT_INVALID', 'bad'],
        ['refused', 'EVENT_INVALID', 'in-batch'],
        ['trigger-off', 'TRIGGER_OFF', expect.any(String)],
        ['refused', 'BODY_NOT_JSON', undefined],
      ]),
    );
  });

  it('shows an address that exceeds its rate limit', async () => {
    await waitFor('the rate limit', async () => {
      const sent = Array.from({ length: 50 }, () => sendStructured(url, {}));
      return (await Promise.all(sent)).some(({ status }) => status === 429) || undefined;
    });

    // What is more than its share is counted, without an address, and may be the newest.
    const told = await waitFor('one with its address', async () => {
      const found = await decisions({ outcome: 'rate-limited' });
      return found.find(({ remoteAddress }) => remoteAddress !== undefined);
    });

    expect(told).toMatchObject({ code: 'RATE_LIMITED', remoteAddress: '127.0.0.1' });
    expect(told).not.toHaveProperty('workflowId');
  });

  it('counts decisions beyond the rate, and still finds accepted events', async () => {
    const { token, id } = workflow;
    const ids = Array.from({ length: 60 }, (_, index) => `flood-${index}`);
    for (const eventId of ids) {
      const sent = (): Promise<unknown> => sendStructured(url, event({ id: eventId }), { token });
      await waitFor('room below the rate limit', async () => {
        const { status } = (await sent()) as { readonly status: number };
        return status === 202 || undefined;
      });
    }
    const found = await waitFor('all of them', async () => {
      const all = await decisions({ workflowId: id, outcome: 'accepted', limit: '100' });
      return all.reduce((sum, { count }) => sum + count, 0) >= ids.length ? all : undefined;
    });

    expect(found.length).toBeLessThan(30);
    expect(found.some(({ count, eventId }) => count > 30 && eventId === undefined)).toBe(true);
    const source = String(event()['source']);
    expect(await decisions({ workflowId: id, source, eventId: 'flood-59' })).toMatchObject([
      { outcome: 'accepted', eventId: 'flood-59' },
    ]);
  });

  it('shows the filters that an event without a workflow was compared with', async () => {
    const { id, token } = workflow;
    const other = await aWorkflow(`decisions-other-${workflows}`);
    await ask(`${system.executorUrl}/api/v2/workflows/${other.id}/tokens`, {
      method: 'POST',
      token: system.adminToken,
      body: { label: 'shared', token },
    });
    const send = (eventId: string) =>
      ask(`${url}/api/v2/events`, {
        method: 'POST',
        token,
        headers: { 'content-type': 'application/cloudevents+json' },
        body: { ...event({ id: eventId }), type: 'customer', subject: undefined },
      });
    await waitFor('both to be asked', async () => {
      await send('for-all');
      const found = await decisions({ eventId: 'for-all', outcome: 'filtered' });
      return found.length === 2 || undefined;
    });

    const found = await decisions({ eventId: 'for-all' });

    expect(found.map((one) => (one as { workflowId?: string }).workflowId).toSorted()).toEqual(
      [id, other.id].toSorted(),
    );
    expect(found[0]?.clauses).toHaveLength(2);
  });

  it('shows events beyond the quota of a month, which can be read and raised', async () => {
    const { id, token } = workflow;
    const quotas = (body?: object): Promise<{ status: number; body: unknown }> =>
      ask(`${system.executorUrl}/api/v2/workflows/${id}/quotas`, {
        token: system.adminToken,
        ...(body && { method: 'PUT', body }),
      });
    const send = (): ReturnType<typeof sendStructured> =>
      sendStructured(url, event({ id: randomUUID() }), { token });
    expect(await quotas()).toMatchObject({ status: 200, body: {} });
    expect(await quotas({ runsPerMonth: -1 })).toMatchObject({ status: 400 });
    expect(await quotas({ runsPerMonth: 1 })).toMatchObject({ status: 200 });
    const refused = await waitFor('the quota at the listener', async () => {
      const answer = await send();
      const { code } = answer.body as { readonly code?: string };
      return code === 'QUOTA_EXCEEDED' ? answer : undefined;
    });

    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(31 * 86_400);
    const found = await untilDecided({ workflowId: id, outcome: 'refused' });
    expect(found).toMatchObject([{ code: 'QUOTA_EXCEEDED', workflowId: id }]);
    expect(await quotas()).toMatchObject({
      body: { runsPerMonth: { used: 1, of: 1, own: true } },
    });
    await quotas({ runsPerMonth: null });
    await waitFor('no quota at the listener', async () =>
      (await send()).status === 202 ? true : undefined,
    );
  });

  it.each([
    ['outcome', 'maybe'],
    ['source', 'alone'],
    ['since', 'yesterday'],
    ['cursor', 'x'],
    ['what', 'ever'],
  ])('refuses %s=%s with 400', async (name, value) => {
    const { status } = await ask(`${system.executorUrl}/api/v2/decisions?${name}=${value}`, {
      token: system.adminToken,
    });

    expect(status).toBe(400);
  });

  it('is for the administrator, and old decisions expire', async () => {
    const { status } = await ask(`${system.executorUrl}/api/v2/decisions`, {
      token: workflow.token,
    });
    const client = await mongo.MongoClient.connect(system.mongodbUrl);
    const stored = client.db().collection('decisions');
    const indexes = await stored.indexes();
    const days = await stored.distinct('expiresAt');
    await client.close();

    expect(status).toBe(403);
    expect(indexes).toContainEqual(
      expect.objectContaining({ key: { expiresAt: 1 }, expireAfterSeconds: 0 }),
    );
    expect(days.every((at) => Number(at) > Date.now() + 6 * 86_400_000)).toBe(true);
  });
});
