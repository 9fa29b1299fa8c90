import { createHmac } from 'node:crypto';
import { jest } from '@jest/globals';
import { until } from '@app/errors/testing';
import { activityIdIn, type Answer, ask } from './support/answer.js';
import { chain, setProperty } from './support/definitions.js';
import { type CreatedWorkflow } from './support/flow-api.js';
import { FlowSystem } from './support/flow-system.js';
import { TargetServer } from './support/target-server.js';

jest.setTimeout(300_000);

const SECRETS_KEY = 'a key of at least thirty-two characters';
const KEPT = { action: '$(params.action)', ref: '$(params.data.ref)' };

let system: FlowSystem;
let hub: TargetServer;
let workflow: CreatedWorkflow;
let secret: string;

beforeAll(async () => {
  const env = { SECRETS_KEY };
  const executorEnv = { ...env, DOCKER_HUB_CALLBACK_HOSTS: '127.0.0.1' };
  [system, hub] = await Promise.all([
    FlowSystem.start({ servers: 'shared', listenerEnv: env, executorEnv }),
    TargetServer.start(),
  ]);
  workflow = await system.api.createWorkflow({
    ...chain('providers', [setProperty('keep', 'kept', KEPT)]),
    triggers: { github: { enabled: true }, slack: { enabled: true }, webhook: { enabled: true } },
  });
  secret = (await addSecret({ label: 'a', provider: 'github' })).secret;
  await addSecret({ label: 's', provider: 'slack', secret: 'slack secret' });
});

afterAll(() => Promise.all([system.stop(), hub.stop()]));

async function addSecret(body: object): Promise<{ readonly id: string; readonly secret: string }> {
  const answer = await ask(`${system.executorUrl}/api/v2/workflows/${workflow.id}/secrets`, {
    method: 'POST',
    token: system.adminToken,
    body,
  });
  expect(answer.status).toBe(201);
  return answer.body as { readonly id: string; readonly secret: string };
}

function signed(text: string, body: string): string {
  return `sha256=${createHmac('sha256', text).update(body).digest('hex')}`;
}

interface Push {
  readonly ref?: string;
  readonly event?: string;
  readonly delivery?: string;
  readonly signature?: string;
  readonly path?: string;
  readonly token?: string;
}

function push(body: string, push: Push = {}): Promise<Answer> {
  const { ref = workflow.id, event = 'push', path = '/api/v2/webhook/github', token } = push;
  return ask(`${system.listenerUrl}${path}?ref=${ref}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-github-event': event,
      'x-github-delivery': push.delivery ?? 'd1',
      'x-hub-signature-256': push.signature ?? signed(secret, body),
    },
    body,
    ...(token !== undefined && { token }),
  });
}

const BODY = '{"action":"opened", "ref":12345678901234567890}';

describe('a webhook that GitHub has signed', () => {
  it.each(['/api/v2/webhook/github', '/listener/webhook'])(
    'runs without a token at %s',
    async (path) => {
      const answer = await push(BODY, { path, delivery: path });

      expect(answer).toMatchObject({
        status: 202,
        body: { id: path, type: 'com.github.push.opened' },
      });
      const activityid = activityIdIn(answer);
      expect(await system.api.untilFinal(activityid)).toMatchObject({
        status: 'succeeded',
        trigger: 'github',
        results: { kept: { action: 'opened' } },
      });
    },
  );

  it('is the same event when it is delivered again', async () => {
    const first = await push(BODY, { delivery: 'again' });
    const second = await push(BODY, { delivery: 'again' });

    expect(second).toMatchObject({ status: 202, body: first.body });
    expect(second.headers.get('idempotent-replayed')).toBe('true');
  });

  it('starts nothing with a ping', async () => {
    expect(await push('{"zen":"a"}', { event: 'ping', delivery: 'ping' })).toMatchObject({
      status: 200,
      body: '',
    });
    const all = await system.api.activities(workflow.id);
    expect(all.map(({ event }) => event?.id)).not.toContain('ping');
  });

  it('is refused alike for a wrong signature and for an unknown workflow', async () => {
    const wrong = await push(BODY, { signature: signed('other', BODY) });
    const unknown = await push(BODY, { ref: 'nobody', signature: signed('other', BODY) });
    const other = await push(`${BODY} `, { signature: signed(secret, BODY) });

    expect(wrong).toMatchObject({ status: 401, body: { code: 'SIGNATURE_INVALID' } });
    expect(unknown.body).toEqual(wrong.body);
    expect(other.body).toEqual(wrong.body);
  });

  it('needs its signature even with a right token', async () => {
    const { token } = workflow;
    const wrong = await push(BODY, { token, signature: signed('other', BODY), delivery: 'both' });
    const right = await push(BODY, { token, delivery: 'both' });

    expect(wrong).toMatchObject({ status: 401, body: { code: 'SIGNATURE_INVALID' } });
    expect(right.status).toBe(202);
  });

  it('may be signed with any secret of the workflow, until it is deleted', async () => {
    const added = await addSecret({ label: 'b', provider: 'github', secret: 'the second' });
    expect(added).not.toHaveProperty('secret');
    const signature = signed('the second', BODY);
    // A listener that has just looked for a secret in vain looks again within a second.
    await until(async () => (await push(BODY, { signature, delivery: 'second' })).status === 202);

    const url = `${system.executorUrl}/api/v2/workflows/${workflow.id}/secrets/${added.id}`;
    expect((await ask(url, { method: 'DELETE', token: system.adminToken })).status).toBe(204);
    await until(async () => (await push(BODY, { signature, delivery: 'second' })).status === 401);
  });

  it('does not show its secret in the API', async () => {
    const url = `${system.executorUrl}/api/v2/workflows/${workflow.id}`;
    const shown = await ask(url, { token: system.adminToken });

    const { secrets } = shown.body as { readonly secrets: readonly unknown[] };
    expect(secrets).toContainEqual(expect.objectContaining({ label: 'a', provider: 'github' }));
    expect(JSON.stringify(shown.body)).not.toMatch(/whsec_|encrypted/);
  });
});

it("answers Slack's challenge, and its commands with an empty body", async () => {
  const send = (body: string, type: string): Promise<Answer> => {
    const time = String(Math.floor(Date.now() / 1_000));
    const mac = createHmac('sha256', 'slack secret').update(`v0:${time}:${body}`).digest('hex');
    return ask(`${system.listenerUrl}/api/v2/webhook/slack?ref=${workflow.id}`, {
      method: 'POST',
      headers: {
        'content-type': type,
        'x-slack-request-timestamp': time,
        'x-slack-signature': `v0=${mac}`,
      },
      body,
    });
  };

  const challenge = '{"type":"url_verification","challenge":"c1"}';
  expect(await send(challenge, 'application/json')).toMatchObject({
    status: 200,
    body: { challenge: 'c1' },
  });
  const command = 'command=%2Frun&text=a%2Bb&team_id=T1&trigger_id=t1';
  expect(await send(command, 'application/x-www-form-urlencoded')).toMatchObject({
    status: 200,
    body: '',
  });
});

it('answers the callback URL of Docker Hub once the delivery is recorded', async () => {
  const { id, token } = await system.api.createWorkflow({
    ...chain('docker-hub', [setProperty('keep', 'kept', '$(params.push_data.tag)')]),
    triggers: { dockerhub: { enabled: true } },
  });
  hub.replyWith(() => ({ status: hub.calls.length === 1 ? 503 : 200 }));
  const url = `${system.listenerUrl}/api/v2/webhook/dockerhub?ref=${id}&access_token=${token}`;
  const body = { callback_url: `${hub.url}/u/a/b/hook/1/`, push_data: { tag: 'latest' } };
  const answer = await ask(url, { method: 'POST', body });

  expect(answer.status).toBe(202);
  const activityid = activityIdIn(answer);
  expect(await system.api.untilFinal(activityid)).toMatchObject({ results: { kept: 'latest' } });
  await until(() => Promise.resolve(hub.calls.length >= 2));
  expect(hub.calls[1]).toMatchObject({ method: 'POST', path: '/u/a/b/hook/1/' });
  expect(JSON.parse(hub.calls[1]?.body ?? '')).toMatchObject({
    state: 'success',
    description: `Accepted as activity ${activityid}`,
  });
});

it.each([
  [{ label: 'a', provider: 'nobody' }, 'provider'],
  [{ label: 'a', provider: 'github', options: { header: 'x' } }, 'options'],
  [{ label: 'a', provider: 'hmac', options: { algorithm: 'md5' } }, 'options'],
  [{ label: 'a', provider: 'hmac', options: { signedText: '{body}{timestamp}' } }, 'options'],
  // A line break that a file or `echo` put there, and that the provider does not sign with.
  [{ label: 'a', provider: 'github', secret: 'eight or more\n' }, 'secret'],
  [{ label: 'a', provider: 'standard-webhooks', secret: 'this is not base64' }, 'secret'],
])('refuses the secret %j', async (body, path) => {
  const answer = await ask(`${system.executorUrl}/api/v2/workflows/${workflow.id}/secrets`, {
    method: 'POST',
    token: system.adminToken,
    body,
  });

  expect(answer).toMatchObject({ status: 400, body: { errors: [{ path }] } });
});
