import { purposeOf, readSubject, targetOf } from './event-target.js';

const OLD = 'io.boomerang.eventing.wfe';
const NEW = 'io.boomerang.event.workflow.wfe';

describe(targetOf.name, () => {
  it.each<readonly [string, string, boolean, object | undefined]>([
    [OLD, '/order/a1/paid', false, { workflowId: 'order', activityId: 'a1', topic: 'paid' }],
    [
      OLD,
      '/order/a1/paid/late',
      false,
      { workflowId: 'order', activityId: 'a1', topic: 'paid/late' },
    ],
    [OLD, '/order/a1', false, { workflowId: 'order', activityId: 'a1' }],
    [OLD, '/order/paid', true, { workflowId: 'order', topic: 'paid' }],
    [OLD, '/order/paid/late', true, { workflowId: 'order', topic: 'paid/late' }],
    [OLD, '/order', false, { workflowId: 'order' }],
    [OLD, 'order', false, undefined],
    [
      NEW,
      '/workflow/order/activity/a1/topic/paid/late',
      false,
      { workflowId: 'order', activityId: 'a1', topic: 'paid/late' },
    ],
    [NEW, '/workflow/order/topic/paid', true, { workflowId: 'order', topic: 'paid' }],
    [NEW, '/workflow/order/activity/a1', false, { workflowId: 'order', activityId: 'a1' }],
    [NEW, '/order/paid', true, { workflowId: 'order', topic: 'paid' }],
  ])('of %s at %s, with a key: %s', (type, subject, hasKey, target) => {
    expect(targetOf(subject, type, hasKey)).toEqual(target);
  });
});

describe(readSubject.name, () => {
  it('names the workflow by the grammar of the type', () => {
    const named = { kind: 'target', target: { workflowId: 'order' } };

    expect(
      readSubject('/workflow/order/topic/paid', 'io.boomerang.event.workflow.trigger'),
    ).toEqual(named);
    expect(
      readSubject('/workflow/order/activity/a1', 'io.boomerang.event.workflow.cancel'),
    ).toEqual(named);
    expect(readSubject('/workflow/order', 'com.example.order')).toMatchObject({
      target: { workflowId: 'workflow', topic: 'order' },
    });
    expect(readSubject('/workflow/a.b/topic/x', NEW)).toMatchObject({ kind: 'problem' });
    expect(readSubject('/workflow', NEW)).toMatchObject({ target: { workflowId: 'workflow' } });
    expect(readSubject(undefined, NEW)).toMatchObject({ kind: 'problem' });
  });
});

describe(purposeOf.name, () => {
  it('is to start a workflow, but for the types that say otherwise', () => {
    expect(['a', 'io.boomerang.eventing.custom'].map(purposeOf)).toEqual(['start', 'start']);
    expect([OLD, NEW].map(purposeOf)).toEqual(['signal', 'signal']);
    expect(purposeOf('io.boomerang.event.workflow.cancel')).toBe('cancel');
  });
});
