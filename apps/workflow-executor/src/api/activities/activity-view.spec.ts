import { type ListedActivity } from '@app/persistence';
import { aState } from '@app/persistence/testing';
import { activitySummary } from './activity-view.js';

const ACTIVITY: ListedActivity = {
  ...{ id: 'a', workflowId: 'w', workflowRevision: 1, lockVersion: 1 },
  ...{ trigger: 'event', status: 'waiting', createdAt: 1_700_000_000_000, inbox: [] },
};

describe(activitySummary.name, () => {
  it('shows how many early signals were not kept', () => {
    const lossy = { ...ACTIVITY, state: aState({ earlyLost: 3 }) };

    expect(activitySummary(lossy).earlySignalsLost).toBe(3);
    expect(activitySummary({ ...ACTIVITY, state: aState({}) }).earlySignalsLost).toBeUndefined();
  });
});
