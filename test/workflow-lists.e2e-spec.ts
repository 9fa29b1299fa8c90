import { jest } from '@jest/globals';
import { waitFor } from '../tools/project/wait-for.mjs';
import { type Answer, ask, type Asking } from './support/answer.js';
import { keepingWorkflow } from './support/definitions.js';
import { FlowSystem } from './support/flow-system.js';
import { newEvent } from './support/sample-event.js';
import { sendStructured } from './support/send.js';

jest.setTimeout(300_000);

let system: FlowSystem;

beforeAll(async () => {
  system = await FlowSystem.start({ servers: 'shared' });
});

afterAll(() => system.stop());

describe('lists', () => {
  it('give every workflow once, page by page', async () => {
    for (const name of ['page-a', 'page-b', 'page-c']) {
      await system.api.createWorkflow(keepingWorkflow(name));
    }

    const names = (await everyPage('/api/v2/workflows?limit=2', 'workflows')).map(
      (each) => each['name'],
    );

    expect(names).toEqual(expect.arrayContaining(['page-a', 'page-b', 'page-c']));
    expect(new Set(names).size).toBe(names.length);
  });

  it('give the activities of a workflow newest first, those of a status, and what was refused', async () => {
    const { id, token } = await system.api.createWorkflow(keepingWorkflow('listed'));
    const ids: string[] = [];
    for (let event = 0; event < 5; event += 1) {
      const answer = await sendStructured(system.listenerUrl, newEvent(id), { token });
      const { activityid } = answer.body as { readonly activityid: string };
      await system.api.untilFinal(activityid);
      ids.unshift(activityid);
    }
    await sendStructured(system.listenerUrl, newEvent(id), { token: 'wrong' });

    const path = `/api/v2/activities?workflowId=${id}&limit=2`;
    const succeeded = await everyPage(`${path}&status=succeeded`, 'activities');
    const failed = await everyPage(`${path}&status=failed`, 'activities');
    const all = await everyPage(path, 'activities');
    const refused = await waitFor('the rejected request', async () => {
      const found = await everyPage(`${path}&refused=true`, 'activities');
      return found.length > 0 ? found : undefined;
    });

    expect(succeeded.map((each) => each['id'])).toEqual(ids);
    expect(refused).toMatchObject([{ failure: { code: 'TOKEN_INVALID' } }]);
    expect(failed).toEqual([]);
    expect(all).toHaveLength(5);
  });

  it.each([
    '/api/v2/activities?status=happy',
    '/api/v2/activities?refused=yes',
    '/api/v2/activities?limit=0',
    '/api/v2/activities?limit=101',
    '/api/v2/activities?limit=two',
    '/api/v2/activities?cursor=not-one',
    '/api/v2/activities?workflowId=a&workflowId=b',
    '/api/v2/activities?workflowId[$ne]=a',
    '/api/v2/activities?colour=red',
    '/api/v2/workflows?cursor=e30',
  ])('refuse %s', async (path) => {
    const answer = await asAdmin(path);

    expect(answer).toMatchObject({ status: 400 });
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
  });
});

function asAdmin(path: string, asking: Asking = {}): Promise<Answer> {
  return ask(new URL(path, system.executorUrl).href, { token: system.adminToken, ...asking });
}

/** What all pages hold, and that none is larger than asked for. */
async function everyPage(
  path: string,
  member: 'workflows' | 'activities',
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const limit = Number(new URL(path, system.executorUrl).searchParams.get('limit'));
  const found: Readonly<Record<string, unknown>>[] = [];
  let cursor: string | undefined;
  do {
    const answer = await asAdmin(cursor === undefined ? path : `${path}&cursor=${cursor}`);
    const { [member]: items, nextCursor } = answer.body as Readonly<
      Record<typeof member, readonly Readonly<Record<string, unknown>>[]>
    > & { readonly nextCursor?: string };
    expect(items.length).toBeLessThanOrEqual(limit);
    found.push(...items);
    cursor = nextCursor;
  } while (cursor !== undefined);
  return found;
}
