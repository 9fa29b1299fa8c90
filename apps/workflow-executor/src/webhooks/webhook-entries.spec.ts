import { advance, begin, breakRun, workflowFailure } from '@app/workflow-engine';
import { aPlan, aRun, aScope, anHttpTask, failed, NOW } from '@app/workflow-engine/testing';
import { aNewActivity } from '@app/persistence/testing';
import { withWebhookEntries } from './webhook-entries.js';

const URL = 'https://a.example/ends';
const NOTIFY = { notify: [{ url: URL }] };
const LAST = { taskRef: 'call', executionCondition: 'success' } as const;
const PLAN = aPlan([anHttpTask('call')], [LAST], NOTIFY);
const SCOPE = aScope();
const tellAll = withWebhookEntries((_, step) => step);
type Told = Parameters<typeof tellAll>;
const tell = (before: Told[0], step: Told[1], now: Told[2]): Told[1] =>
  tellAll(before, step, now, aNewActivity());

describe(withWebhookEntries.name, () => {
  it('says what a run has ended as', () => {
    const state = aRun(PLAN);
    const ended = tell(
      { state, outbox: [] },
      advance(PLAN, state, SCOPE, [failed('call')], NOW),
      NOW,
    );

    expect(ended.outbox).toMatchObject([
      { payload: { url: URL, status: 'failed', previous: 'running', code: 'HTTP_STATUS' } },
    ]);
  });

  it('says it of a run on which the engine broke', () => {
    const state = aRun(PLAN);
    const broken = breakRun(state, workflowFailure('EXECUTION_BROKE_OFF', 'died'), [], NOW);

    expect(tell({ state, outbox: [] }, broken, NOW).outbox).toMatchObject([
      { payload: { url: URL, status: 'failed', code: 'EXECUTION_BROKE_OFF' } },
    ]);
  });

  it('says it of a run that ends as it begins, once', () => {
    const plan = aPlan([], undefined, { ...NOTIFY, params: [{ name: 'a', required: true }] });
    const told = tell({ outbox: [] }, advance(plan, begin(plan, SCOPE, NOW), SCOPE, [], NOW), NOW);

    expect(told.outbox).toMatchObject([
      {
        id: '1',
        payload: { url: URL, status: 'failed', previous: 'queued', code: 'PARAM_MISSING' },
      },
    ]);
    expect(told.state).toMatchObject({ outboxCount: 1 });
    expect(told.state).not.toHaveProperty('holds');
  });

  it('says nothing before the end', () => {
    const step = advance(PLAN, begin(PLAN, SCOPE, NOW), SCOPE, [], NOW);

    expect(tell({ outbox: [] }, step, NOW)).toBe(step);
  });
});
