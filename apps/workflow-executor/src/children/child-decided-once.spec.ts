import { childActivityIdOf } from '@app/events';
import { type ActivityStore } from '@app/persistence';
import { aNewActivity, anEvent, aRevision, aWorkflow, NOW } from '@app/persistence/testing';
import { type ChildRequest } from '@app/workflow-engine';
import { ChildService } from './child-service.js';
import { ChildFixture } from './testing/child-fixture.js';

const PARENT = aNewActivity({ id: 'parent', workflowId: 'calling', event: anEvent() });
const REQUEST: ChildRequest = {
  ...{ task: 'call', attempt: 1, workflow: 'called', params: {}, waits: true },
};
const CHILD = childActivityIdOf('parent', 'call', 1);

let fixture: ChildFixture;

beforeEach(async () => {
  fixture = new ChildFixture();
  await fixture.activities.record(PARENT);
  await save('workflow-7', 'called');
});

async function save(id: string, name: string): Promise<void> {
  const workflow = aWorkflow({ id, name, triggers: { task: { enabled: true } } });
  await fixture.workflows.create(workflow, aRevision({ workflowId: id }));
}

async function letTasks(enabled: boolean): Promise<void> {
  await fixture.workflows.switch('workflow-7', { triggers: { task: { enabled } } }, undefined);
}

/** Two executors deliver one request: the slower one has looked before the other wrote. */
describe('a request that is delivered twice at the same time', () => {
  let late: ChildService;

  beforeEach(() => {
    let looks = 0;
    const { activities, creator } = fixture;
    const before: Pick<ActivityStore, 'endsOf' | 'signal'> = {
      endsOf: async (...asked) => (looks++ === 0 ? [] : activities.endsOf(...asked)),
      signal: (...told) => activities.signal(...told),
    };
    late = new ChildService(before, creator, fixture.reads, () => NOW);
  });

  it('makes no run if it was refused first', async () => {
    await letTasks(false);
    await fixture.service.request(REQUEST, PARENT, NOW);
    await letTasks(true);
    await late.request({ ...REQUEST, waits: false }, PARENT, NOW);

    expect(await fixture.activities.get(CHILD)).toMatchObject({ failure: { code: 'TRIGGER_OFF' } });
    expect(await fixture.inboxOf('parent')).toMatchObject([{ kind: 'child-refused' }]);
  });

  it('does not refuse a run that was made first', async () => {
    await fixture.service.request(REQUEST, PARENT, NOW);
    await letTasks(false);
    await late.request(REQUEST, PARENT, NOW);

    expect(await fixture.activities.statusOf(CHILD)).toBe('queued');
    expect(await fixture.inboxOf('parent')).toEqual([]);
  });

  it('is refused again in the same way if the answer was lost', async () => {
    await letTasks(false);
    await late.request(REQUEST, PARENT, NOW);
    await letTasks(true);
    await fixture.service.look(REQUEST, PARENT);

    expect(await fixture.inboxOf('parent')).toMatchObject([
      { kind: 'child-refused', code: 'TRIGGER_OFF' },
    ]);
  });
});

describe('the workflow of a request', () => {
  it('is ambiguous if the text is the id of one and the name of another', async () => {
    await save('workflow-8', 'workflow-7');
    await fixture.service.request({ ...REQUEST, workflow: 'workflow-7' }, PARENT, NOW);

    expect(await fixture.inboxOf('parent')).toMatchObject([{ code: 'CHILD_AMBIGUOUS' }]);
  });

  it('is found by a text that is id and name of the same', async () => {
    await save('same', 'same');
    await fixture.service.request({ ...REQUEST, workflow: 'same' }, PARENT, NOW);

    expect(await fixture.activities.statusOf(CHILD)).toBe('queued');
  });
});
