import { randomUUID } from 'node:crypto';
import { jest } from '@jest/globals';
import fc from 'fast-check';
import { chain, keepingWorkflow, setProperty } from './support/definitions.js';
import { activityIdIn, ask } from './support/answer.js';
import { type CreatedWorkflow } from './support/flow-api.js';
import { FlowSystem } from './support/flow-system.js';
import { rawRequest, requestHead } from './support/raw-request.js';

jest.setTimeout(300_000);

let system: FlowSystem;
let workflow: CreatedWorkflow;

beforeAll(async () => {
  system = await FlowSystem.start({ servers: 'shared' });
  workflow = await system.api.createWorkflow(keepingWorkflow('senders'));
});

afterAll(() => system.stop());

describe('a push of 700 commits', () => {
  /** As GitHub writes them, with short values: 19 members each, 13,300 in all. */
  const commits = Array.from({ length: 700 }, (_, at) => {
    const person = { name: 'a', email: 'a@b', username: 'a' };
    return {
      id: `${at}`,
      tree_id: `${at}`,
      distinct: true,
      message: 'm',
      timestamp: 't',
      url: 'u',
      author: person,
      committer: person,
      added: [],
      removed: [],
      modified: ['f'],
    };
  });
  const push = JSON.stringify({ ref: 'refs/heads/main', commits });

  it.each([
    ['JSON', 'application/json', push],
    ['a form', 'application/x-www-form-urlencoded', `payload=${encodeURIComponent(push)}`],
  ])('is accepted in full as %s', async (_how, contentType, body) => {
    const { id, token } = await system.api.createWorkflow(
      chain(`push-${randomUUID()}`, [setProperty('keep', 'kept', '$(params.data)')]),
    );
    const headers = { 'content-type': contentType, 'x-github-event': 'push' };
    const url = `${system.listenerUrl}/listener/webhook?ref=${id}`;
    const answer = await ask(url, { method: 'POST', headers, body, token });

    expect(answer.status).toBe(202);
    const activityid = activityIdIn(answer);
    const run = await system.api.untilFinal(activityid);
    expect(run.status).toBe('succeeded');
    expect(run.results['kept']).toEqual(JSON.parse(push));
  });
});

describe('headers with any bytes', () => {
  const name = fc.constantFrom(
    'Content-Type',
    'Authorization',
    'ce-id',
    'ce-datacontenttype',
    'ce-time',
    'ce-source',
    'traceparent',
    'Idempotency-Key',
    'Content-Encoding',
    'Expect',
    'X-Forwarded-For',
  );
  const part = fc.constantFrom(
    'a/b',
    ';',
    ' ',
    '@',
    '"',
    "'",
    '\\',
    '%',
    ',',
    '=',
    'charset',
    '\t',
    '\xff',
    'x',
  );
  const value = fc.array(part, { maxLength: 400 }).map((parts) => parts.join(''));

  it('always get an answer, and never 500', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(name, value), { maxLength: 6 }), async (pairs) => {
        const lines = pairs.map(([header, text]) => `${header}: ${text}`);
        const head = requestHead('POST', `/listener/event?ref=${workflow.id}`, [
          ...lines,
          'Content-Length: 2',
          'Connection: close',
        ]);
        const { status } = await rawRequest(system.listenerUrl, [
          Buffer.from(head + '{}', 'latin1'),
        ]);

        expect(status).toBeGreaterThanOrEqual(400);
        expect(status).toBeLessThan(500);
      }),
      { numRuns: 300 },
    );
  });
});
