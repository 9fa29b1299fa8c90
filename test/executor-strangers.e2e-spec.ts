import { jest } from '@jest/globals';
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

describe('an executor waits for no body of a stranger', () => {
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
