import { jest } from '@jest/globals';
import { activityIdIn, ask } from './support/answer.js';
import { chain, setProperty } from './support/definitions.js';
import { type CreatedWorkflow } from './support/flow-api.js';
import { FlowSystem } from './support/flow-system.js';

jest.setTimeout(300_000);

const KEPT = {
  query: '$(params.query.board)',
  tags: '$(params.query.tag)',
  event: '$(params.headers.x-github-event)',
};

describe.each(['nats', 'http'] as const)('a webhook whose run is dispatched over %s', (driver) => {
  let system: FlowSystem;
  let workflow: CreatedWorkflow;

  beforeAll(async () => {
    const listenerEnv = { BODY_BYTES_MAX: '8388608' };
    system = await FlowSystem.start({ servers: 'shared', driver, listenerEnv });
    workflow = await system.api.createWorkflow(
      chain('webhook-request', [setProperty('keep', 'kept', KEPT)]),
    );
  });

  afterAll(() => system.stop());

  const post = (query: string, headers: Record<string, string>, body: string) =>
    ask(`${system.listenerUrl}/listener/webhook?ref=${workflow.id}&${query}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
      token: workflow.token,
    });

  it('has its query and headers as parameters, and in the record without secrets', async () => {
    const query = 'board=%C3%BC%26b&tag=1&tag=2';
    const headers = { 'X-GitHub-Event': 'push', 'X-Gitlab-Token': 'secret', Cookie: 'a=secret' };
    const answer = await post(query, { ...headers, 'X-Forwarded-For': '192.0.2.1' }, '{"a":1}');

    expect(answer.status).toBe(202);
    const activityid = activityIdIn(answer);
    const activity = await system.api.untilFinal(activityid);
    expect(activity).toMatchObject({
      status: 'succeeded',
      results: { kept: { query: 'ü&b', tags: ['1', '2'], event: 'push' } },
      request: { query: { board: 'ü&b', tag: ['1', '2'] }, headers: { 'x-github-event': 'push' } },
    });
    expect(JSON.stringify(activity)).not.toMatch(/secret|192\.0\.2\.1|bfw_/);
  });

  it('is the same event with another query', async () => {
    const id = { 'Idempotency-Key': 'once', 'X-GitHub-Event': 'push' };
    const first = await post('board=1&tag=1', id, '{}');
    const second = await post('board=2&tag=1', id, '{}');

    expect([first.status, second.status]).toEqual([202, 202]);
    expect(second.body).toEqual(first.body);
  });

  it('is refused with the sizes when no record can hold it', async () => {
    const answer = await post('', {}, JSON.stringify('x'.repeat(6 * 1024 ** 2)));

    expect(answer).toMatchObject({
      status: 413,
      body: {
        code: 'ACTIVITY_TOO_LARGE',
        detail: expect.stringMatching(/takes 629\d{4} bytes .* at most \d{7}/) as unknown,
      },
    });
  });
});
