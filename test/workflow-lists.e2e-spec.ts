import { jest } from '@jest/globals';
import { waitFor } from '../tools/project/wait-for.mjs';
import { activityIdIn } from './support/answer.js';
import { keepingWorkflow } from './support/definitions.js';
import { FlowSystem } from './support/flow-system.js';
import { everyPage } from './support/pages.js';
import { newEvent } from './support/sample-event.js';
import { sendStructured } from './support/send.js';

jest.setTimeout(300_000);

let system: FlowSystem;

beforeAll(async () => {
  system = await FlowSystem.start({ servers: 'shared' });
});

afterAll(() => system.stop());

describe('lists', () => {
  it('return every workflow once, page by page', async () => {
    for (const name of ['page-a', 'page-b', 'page-c']) {
      await system.api.createWorkflow(keepingWorkflow(name));
    }

    const names = (await everyPage(system, '/api/v2/workflows?limit=2', 'workflows')).map(
      (each) => each['name'],
    );

    expect(names).toEqual(expect.arrayContaining(['page-a', 'page-b', 'page-c']));
    expect(new Set(names).size).toBe(names.length);
  });

  it('return the activities of a workflow newest first, those of a status, and rejected requests', async () => {
    const { id, token } = await system.api.createWorkflow(keepingWorkflow('listed'));
    const ids: string[] = [];
    for (let event = 0; event < 5; event += 1) {
      const answer = await sendStructured(system.listenerUrl, newEvent(id), { token });
      const activityid = activityIdIn(answer);
      await system.api.untilFinal(activityid);
      ids.unshift(activityid);
    }
    await sendStructured(system.listenerUrl, newEvent(id), { token: 'wrong' });

    const path = `/api/v2/activities?workflowId=${id}&limit=2`;
    const succeeded = await everyPage(system, `${path}&status=succeeded`, 'activities');
    const failed = await everyPage(system, `${path}&status=failed`, 'activities');
    const all = await everyPage(system, path, 'activities');
    const refused = await waitFor('the rejected request', async () => {
      const found = await everyPage(system, `${path}&refused=true`, 'activities');
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
    const answer = await system.asAdmin(path);

    expect(answer).toMatchObject({ status: 400 });
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
  });
});
