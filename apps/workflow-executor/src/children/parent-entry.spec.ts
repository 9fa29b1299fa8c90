import { type ActivityParent } from '@app/persistence';
import { aState, NOW } from '@app/persistence/testing';
import { type Advance } from '@app/workflow-engine';
import { withParentEntry } from './parent-entry.js';

const PARENT: ActivityParent = {
  ...{ activity: 'parent', task: 'call', attempt: 1, generation: 1, waits: true },
};
const RUNNING = { state: aState(), outbox: [] };
const ENDED: Advance = {
  state: aState({ status: 'failed', endedAt: NOW }),
  effects: [],
  outbox: [],
};
const add = withParentEntry((_, step) => step);

describe(withParentEntry.name, () => {
  it('adds an entry to the outbox with the commit that ends a run for which a task waits', () => {
    expect(add(RUNNING, ENDED, NOW, { parent: PARENT }).outbox).toMatchObject([
      { kind: 'child-ended' },
    ]);
    expect(add({ outbox: [] }, ENDED, NOW, { parent: PARENT }).outbox).toHaveLength(1);
  });

  it.each([
    ['nobody waits for it', RUNNING, ENDED, { ...PARENT, waits: false }],
    ['no task began it', RUNNING, ENDED, undefined],
    ['it goes on', RUNNING, { ...ENDED, state: aState() }, PARENT],
    ['its end is on record', { ...RUNNING, state: ENDED.state }, ENDED, PARENT],
  ])('adds no entry if %s', (_when, before, step, parent) => {
    expect(add(before, step, NOW, { parent })).toBe(step);
  });
});
