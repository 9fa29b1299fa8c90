import { signRequest, SigningKeys } from '@app/signing';
import { jest } from '@jest/globals';
import { type Answer, ask } from './support/answer.js';
import { keepingWorkflow } from './support/definitions.js';
import { type CreatedWorkflow } from './support/flow-api.js';
import { FlowSystem } from './support/flow-system.js';
import { rawRequest, requestHead } from './support/raw-request.js';
import { problemIn } from './support/raw-sender.js';

jest.setTimeout(300_000);

/** Short, so that a body that is waited for is given up soon: then the answer is 408. */
const SOON = { REQUEST_MS_MAX: '20000', HEADERS_MS_MAX: '20000' };

const EVENT = 'application/cloudevents+json';
const JSON_TYPE = 'application/json';

let system: FlowSystem;

beforeAll(async () => {
  system = await FlowSystem.start({ servers: 'shared', executorEnv: SOON });
});

afterAll(() => system.stop());

describe('an executor answers an unauthorized request before it reads the body', () => {
  it.each([
    ['POST', '/api/v2/workflows', JSON_TYPE, undefined, 401, 'TOKEN_MISSING'],
    ['POST', '/api/v2/workflows', JSON_TYPE, 'wrong', 403, 'ADMIN_TOKEN_INVALID'],
    ['POST', '/api/v2/workflows/any/tokens', EVENT, 'wrong', 403, 'ADMIN_TOKEN_INVALID'],
    ['POST', '/%61pi/v2/activities/any/cancel', EVENT, 'wrong', 403, 'ADMIN_TOKEN_INVALID'],
    ['PUT', '/internal/workflow/event', EVENT, undefined, 403, 'INTERNAL_SIGNATURE_INVALID'],
    ['PUT', '/internal/workflow/event', EVENT, 'wrong', 403, 'INTERNAL_SIGNATURE_INVALID'],
    ['PUT', '/internal/activity/any/wake', EVENT, 'wrong', 403, 'INTERNAL_SIGNATURE_INVALID'],
    ['POST', '/nowhere', EVENT, undefined, 404, 'ROUTE_NOT_FOUND'],
    ['POST', '/internal/workflow/event', EVENT, undefined, 405, 'METHOD_NOT_ALLOWED'],
    ['POST', '/internal/workflow/any/validateToken', EVENT, undefined, 413, 'BODY_TOO_LARGE'],
    ['POST', '/internal/workflow/any/validateToken', JSON_TYPE, undefined, 413, 'BODY_TOO_LARGE'],
  ])('%s %s as %s with the token %s: %d %s', async (method, path, type, token, status, code) => {
    const head = requestHead(method, path, [
      `Content-Type: ${type}`,
      'Content-Length: 1000000',
      'Connection: close',
      ...(token === undefined ? [] : [`Authorization: Bearer ${token}`]),
    ]);

    const answer = await rawRequest(system.executorUrl, [head]);

    expect(problemIn(answer)).toMatchObject({ status, code });
  });
});

describe("requests of the system's own services", () => {
  let workflow: CreatedWorkflow;

  beforeAll(async () => {
    workflow = await system.api.createWorkflow(keepingWorkflow('asked-for'));
  });

  it('validateToken answers like the ingress: 200, 401, 403', async () => {
    const validate = (id: string, body: unknown): Promise<Answer> =>
      ask(`${system.executorUrl}/internal/workflow/${id}/validateToken`, { method: 'POST', body });

    const right = await validate(workflow.id, { token: workflow.token });
    const none = [await validate(workflow.id, {}), await validate(workflow.id, { token: '' })];
    const wrong = await validate(workflow.id, { token: 'wrong' });
    const nobody = await validate('nobody', { token: workflow.token });

    expect(right.status).toBe(200);
    expect(none.map(({ status }) => status)).toEqual([401, 401]);
    expect(await validate(workflow.id, { token: null })).toMatchObject({ status: 400 });
    expect(wrong.status).toBe(403);
    expect(nobody).toMatchObject({ status: 403, body: wrong.body });
  });

  it.each([
    ['PUT', '/internal/workflow/event'],
    ['PUT', '/internal/activity/any/wake'],
  ])('%s %s needs a signature', async (method, path) => {
    const headers = { 'content-type': 'application/cloudevents+json' };
    const asking = { method, headers, body: '{}' };
    const target = system.executorUrl + path;

    const statuses = [
      (await ask(target, asking)).status,
      (await ask(target, { ...asking, token: 'wrong' })).status,
      (await ask(target, { ...asking, token: system.adminToken })).status,
      (await ask(target, { ...asking, token: workflow.token })).status,
    ];

    expect(statuses).toEqual([403, 403, 403, 403]);
  });

  it('a dispatch that is not a CloudEvent is refused', async () => {
    const target = `${system.executorUrl}/internal/workflow/event`;
    const signed = (body: string): Record<string, string> => {
      const request = { method: 'PUT', path: '/internal/workflow/event', body: Buffer.from(body) };
      return { ...signRequest(new SigningKeys(system.internalSecret), request, Date.now()) };
    };

    const none = await ask(target, { method: 'PUT', headers: signed('') });
    const json = await ask(target, {
      method: 'PUT',
      headers: { 'content-type': 'application/json', ...signed('{}') },
      body: '{}',
    });

    expect([none.status, json.status]).toEqual([415, 415]);
  });
});
