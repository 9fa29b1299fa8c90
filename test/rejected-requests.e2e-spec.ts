import { jest } from '@jest/globals';
import { mongo } from 'mongoose';
import { waitFor } from '../tools/project/wait-for.mjs';
import { ask } from './support/answer.js';
import { keepingWorkflow } from './support/definitions.js';
import { type ActivityView, type CreatedWorkflow } from './support/flow-api.js';
import { FlowSystem } from './support/flow-system.js';
import { rawRequest, type RawAnswer, requestHead } from './support/raw-request.js';
import { newEvent } from './support/sample-event.js';
import { sendBatch, sendStructured, sendWebhook } from './support/send.js';

jest.setTimeout(300_000);

const MARKER = 'PAYLOAD-OF-A-STRANGER';

let system: FlowSystem;
let client: mongo.MongoClient;
let workflow: CreatedWorkflow;
let url: string;

beforeAll(async () => {
  system = await FlowSystem.start({ servers: 'shared' });
  url = system.listenerUrl;
  client = await mongo.MongoClient.connect(system.mongodbUrl);
});

afterAll(async () => {
  await client.close();
  await system.stop();
});

let workflows = 0;

beforeEach(async () => {
  workflows += 1;
  workflow = await system.api.createWorkflow(keepingWorkflow(`rejected-requests-${workflows}`));
});

describe('a request without a token', () => {
  it.each(['/listener/event', '/api/v2/event', '/listener/webhook', '/api/v2/webhook'])(
    'to %s is 401, with how to send a token',
    async (path) => {
      const answer = await sendStructured(url, newEvent(workflow.id), { path });

      expect(answer).toMatchObject({ status: 401, body: { code: 'TOKEN_MISSING' } });
      expect(answer.headers.get('www-authenticate')).toBe('Bearer');
      expect(answer.headers.get('content-type')).toBe('application/problem+json');
    },
  );

  it.each([
    ['an empty header', { authorization: '' }],
    ['a header of blanks', { authorization: '   ' }],
    ['a bearer of nothing', { authorization: 'Bearer ' }],
  ])('has none if there is %s', async (_what, headers) => {
    const answer = await sendStructured(url, newEvent(workflow.id), { headers });

    expect(answer.status).toBe(401);
  });

  it('has none if access_token is empty', async () => {
    const path = '/listener/event?access_token=';
    const { status } = await sendStructured(url, newEvent(workflow.id), { path });

    expect(status).toBe(401);
  });

  it.each(['/listener/event', '/api/v2/webhook'])(
    'with two in the query of %s is 400',
    async (path) => {
      const { id, token } = workflow;
      const query = `ref=${id}&access_token=${token}&access_token=${token}`;

      const answer = await ask(`${url}${path}?${query}`, {
        method: 'POST',
        body: new URLSearchParams({ access_token: token }).toString(),
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      });

      expect(answer).toMatchObject({ status: 400, body: { code: 'QUERY_INVALID' } });
      expect(answer.body).toMatchObject({ errors: [{ path: 'access_token' }] });
      expect(JSON.stringify(answer.body)).not.toContain(token);
    },
  );

  it('is recorded if the URL names the workflow', async () => {
    const path = `/api/v2/event?ref=${workflow.id}`;

    const answer = await sendStructured(url, newEvent(workflow.id), { path });

    expect(answer.status).toBe(401);
    expect(await rejectedRequestsOf(workflow, 1)).toMatchObject([
      { failure: { code: 'TOKEN_MISSING' } },
    ]);
  });
});

describe('a wrong token and an unknown workflow', () => {
  it.each([
    ['the subject', '/listener/event'],
    ['the URL', '/api/v2/event?ref='],
  ])('get the same answer to the byte if %s names the workflow', async (_place, path) => {
    // Of one length, so that not even the length of a request tells them apart.
    const unknown = 'f'.repeat(workflow.id.length);

    const wrong = await requestWith(path, workflow.id, 'Bearer wrong');
    const nobody = await requestWith(path, unknown, `Bearer ${workflow.token}`);

    expect([wrong.status, nobody.status]).toEqual([403, 403]);
    expect(nobody.body.equals(wrong.body)).toBe(true);
    expect(withoutDate(nobody)).toEqual(withoutDate(wrong));
    expect(JSON.parse(wrong.body.toString())).toMatchObject({ code: 'TOKEN_INVALID' });
  });
});

describe('a token', () => {
  it.each([
    ['as a bearer', '/listener/event', (token: string) => `Bearer ${token}`],
    ['as a bearer in another case', '/listener/event', (token: string) => `bearer ${token}`],
    ['alone', '/listener/event', (token: string) => token],
  ])('may come %s', async (_how, path, authorization) => {
    const headers = { authorization: authorization(workflow.token) };

    expect(await sendStructured(url, newEvent(workflow.id), { path, headers })).toMatchObject({
      status: 202,
    });
  });

  it('may come in the URL, and the answer is not cacheable then', async () => {
    const path = `/listener/event?access_token=${workflow.token}`;

    const answer = await sendStructured(url, newEvent(workflow.id), { path });

    expect(answer.status).toBe(202);
    expect(answer.headers.get('cache-control')).toBe('private');
  });

  it('in the header takes precedence, right or wrong', async () => {
    const right = { path: `/listener/event?access_token=wrong`, token: workflow.token };
    const wrong = { path: `/listener/event?access_token=${workflow.token}`, token: 'wrong' };

    expect(await sendStructured(url, newEvent(workflow.id), right)).toMatchObject({ status: 202 });
    expect(await sendStructured(url, newEvent(workflow.id), wrong)).toMatchObject({ status: 403 });
  });

  it('in the URL is used if the header is empty', async () => {
    const path = `/listener/event?access_token=${workflow.token}`;
    const headers = { authorization: '' };

    const answer = await sendStructured(url, newEvent(workflow.id), { path, headers });

    expect(answer.status).toBe(202);
  });

  it('of another workflow is refused, alone or in a batch', async () => {
    const other = await system.api.createWorkflow(keepingWorkflow(`other-${workflows}`));
    const event = newEvent(workflow.id);

    const alone = await sendStructured(url, event, other);
    const batch = await sendBatch(url, [event, newEvent(other.id)], other);
    const hook = await sendWebhook(url, workflow.id, {}, { token: other.token });

    expect(alone.status).toBe(403);
    expect(batch).toMatchObject({ status: 207, body: [{ status: 403 }, {}] });
    expect(hook.status).toBe(403);
    const activities = await rejectedRequestsOf(workflow, 3);
    expect(activities.every(({ status }) => status === 'failed')).toBe(true);
  });

  it('of the administrator starts no workflow', async () => {
    const answer = await sendStructured(url, newEvent(workflow.id), { token: system.adminToken });

    expect(answer.status).toBe(403);
  });

  it('is checked before anything else', async () => {
    const headers = { 'content-type': 'image/png' };

    const without = await ask(`${url}/listener/event`, { method: 'POST', headers, body: 'x' });
    const wrong = await ask(`${url}/api/v2/event?ref=${workflow.id}`, {
      method: 'POST',
      token: 'wrong',
      headers: { 'content-type': 'application/cloudevents+json' },
      body: '{',
    });

    expect([without.status, wrong.status]).toEqual([401, 403]);
  });
});

describe('a rejected request', () => {
  it('is a failed activity with a count, without any of the payload', async () => {
    const event = newEvent(workflow.id, { data: MARKER, mark: MARKER.toLowerCase() });

    await Promise.all(
      Array.from({ length: 30 }, () => sendStructured(url, event, { token: 'wrong' })),
    );

    const rejections = await rejectedRequestsOf(workflow, 30);
    // The first, nine more, and the rest. A day may have begun in between.
    expect([3, 4, 5]).toContain(rejections.length);
    // No run: only whoever asks for them sees them.
    expect(await system.api.activities(workflow.id)).toEqual([]);
    expect(rejections[0]).toMatchObject({
      status: 'failed',
      trigger: 'event',
      failure: { level: 'workflow', code: 'TOKEN_INVALID' },
      refusal: { eventId: event['id'], source: '/github/actions', remoteAddress: '127.0.0.1' },
    });
    const documents = await storedActivitiesOf(workflow);
    expect(documents).toHaveLength(rejections.length);
    expect(JSON.stringify(documents)).not.toMatch(new RegExp(MARKER, 'i'));
    expect(documents[0]).not.toHaveProperty('event');
  });

  it('never runs, and cannot be cancelled', async () => {
    await sendStructured(url, newEvent(workflow.id), { token: 'wrong' });
    const [rejected] = await rejectedRequestsOf(workflow, 1);

    const answer = await ask(
      `${system.executorUrl}/api/v2/activities/${rejected?.id ?? ''}/cancel`,
      { method: 'POST', token: system.adminToken, body: {} },
    );

    expect(answer.status).toBe(409);
  });

  it('does not prevent the same event with the right token', async () => {
    const event = newEvent(workflow.id);
    await sendStructured(url, event, { token: 'wrong' });

    const answer = await sendStructured(url, event, workflow);

    expect(answer.status).toBe(202);
    expect(answer.headers.get('idempotent-replayed')).toBeNull();
  });
});

describe('a trigger that is off', () => {
  it.each([
    ['event', (to: CreatedWorkflow) => sendStructured(url, newEvent(to.id, { data: MARKER }), to)],
    ['webhook', (to: CreatedWorkflow) => sendWebhook(url, to.id, { MARKER }, { token: to.token })],
  ] as const)('(%s) is answered with 403, and recorded', async (trigger, send) => {
    const off = await system.api.createWorkflow({
      ...keepingWorkflow(`off-${trigger}-${workflows}`),
      triggers: { [trigger]: { enabled: false } },
    });

    const answer = await send(off);

    expect(answer).toMatchObject({ status: 403, body: { code: 'TRIGGER_OFF' } });
    expect(JSON.stringify(answer.body)).toContain(trigger);
    expect(await rejectedRequestsOf(off, 1)).toMatchObject([{ failure: { code: 'TRIGGER_OFF' } }]);
    expect(JSON.stringify(await storedActivitiesOf(off))).not.toContain('MARKER');
  });

  it('is not revealed by the answer to a wrong token', async () => {
    const off = await system.api.createWorkflow({
      ...keepingWorkflow(`off-${workflows}`),
      triggers: {},
    });

    const answer = await sendStructured(url, newEvent(off.id), { token: 'wrong' });

    expect(answer).toMatchObject({ status: 403, body: { code: 'TOKEN_INVALID' } });
  });
});

/** The workflow's rejections, as soon as they count that many together. */
async function rejectedRequestsOf(
  { id }: CreatedWorkflow,
  count: number,
): Promise<readonly ActivityView[]> {
  return waitFor(`${count} rejected requests on record`, async () => {
    const activities = await system.api.refused(id);
    const counted = activities.reduce((sum, { refusal }) => sum + (refusal?.count ?? 0), 0);
    return counted === count ? activities : undefined;
  });
}

/** Everything that is stored, in the form that it is stored in. */
function storedActivitiesOf({ id }: CreatedWorkflow): Promise<readonly mongo.Document[]> {
  return client.db().collection('activities').find({ workflowId: id }).toArray();
}

/** An event by hand, so that every byte of the answer can be seen. */
function requestWith(path: string, workflowId: string, authorization: string): Promise<RawAnswer> {
  const body = JSON.stringify(newEvent(workflowId));
  const head = requestHead('POST', path.endsWith('=') ? path + workflowId : path, [
    'Content-Type: application/cloudevents+json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    `Authorization: ${authorization}`,
    'Connection: close',
  ]);
  return rawRequest(url, [head, body]);
}

function withoutDate({ headers }: RawAnswer): readonly (readonly [string, string])[] {
  return headers.filter(([name]) => name.toLowerCase() !== 'date');
}
