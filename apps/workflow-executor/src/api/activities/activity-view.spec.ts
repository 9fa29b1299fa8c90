import { toJsonText } from '@app/json';
import { type Activity, type ListedActivity } from '@app/persistence';
import { anEvent, aState } from '@app/persistence/testing';
import { activitySummary, activityView, withoutSecrets } from './activity-view.js';

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

describe(activityView.name, () => {
  const failure = { level: 'task', code: 'HTTP_STATUS', message: 'answered 503' } as const;
  const waits = { status: 'waiting', attempt: 2, keyAttempt: 1, startedAt: 1 } as const;

  it.each(['retry', 'paused'] as const)(
    'says why the attempt before failed of a task that waits as %s',
    (kind) => {
      const on = { kind, since: 1, until: 2, failure };
      const state = aState({ status: 'waiting', tasks: { call: { ...waits, on } } });

      const [task] = activityView({ ...ACTIVITY, event: anEvent(), state }).tasks;

      expect(task).toMatchObject({ status: 'waiting', attempt: 2, failure });
    },
  );

  it.each([
    [
      'votes',
      { kind: 'approval', open: 1, since: 1 },
      { votes: [{ by: 'ada', verdict: 'approved', at: 1_700_000_000_000 }] },
      { approval: { votes: [{ by: 'ada', at: '2023-11-14T22:13:20.000Z' }] } },
    ],
    [
      'what a worker reported',
      { kind: 'worker', queue: 'mail.default', since: 1 },
      { progress: { at: 1_700_000_000_000, percent: 5, lines: [] } },
      { progress: { at: '2023-11-14T22:13:20.000Z', percent: 5 } },
    ],
  ] as const)('has the times of %s in ISO 8601', (_what, on, memory, shown) => {
    const state = aState({ status: 'waiting', tasks: { ask: { ...waits, on, memory } } });

    const [task] = activityView({ ...ACTIVITY, event: anEvent(), state }).tasks;

    expect(task).toMatchObject(shown);
  });

  it('says why the attempt before failed of a run that waits for the next, and not after it began', () => {
    const again = { attempt: 2, since: 1, failure };
    const between = aState({ status: 'waiting', again: { ...again, until: 2 } });

    expect(activitySummary({ ...ACTIVITY, state: between }).failure).toEqual(failure);
    expect(activitySummary({ ...ACTIVITY, state: aState({ again }) }).failure).toBeUndefined();
    expect(
      activitySummary({ ...ACTIVITY, status: 'cancelled', state: between }).failure,
    ).toBeUndefined();
  });
});

describe(withoutSecrets.name, () => {
  it('shows no value of a secret parameter, of whatever type and wherever it is', () => {
    const inputs = { card: '4111 1111', pins: ['0815 4711'] };
    const properties = { card: 'which inputs override' };
    const value = { n: 1, properties, inputs };
    const data = { kind: 'json', value, text: toJsonText(value) } as const;
    const activity: Activity = { ...ACTIVITY, event: anEvent({ data }) };

    const view = withoutSecrets(activityView(activity), activity, new Set(['card', 'pins']));

    expect(view.event?.['data']).toEqual({
      n: 1,
      properties: { card: '***' },
      inputs: { card: '***', pins: [] },
    });
  });
});
