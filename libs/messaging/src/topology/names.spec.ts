import * as names from './names.js';

describe('names in NATS', () => {
  it('are those of the design', () => {
    const flow = 'flow';

    expect([
      names.eventsStream(flow),
      names.signalsStream(flow),
      names.eventSubject(flow, 'wf1'),
      names.eventWildcard(flow),
      names.signalSubject(flow, 'a1'),
      names.signalWildcard(flow),
      names.activityNoticeSubject(flow, 'a1'),
      names.workflowChangedSubject(flow, 'wf1'),
    ]).toEqual([
      'FLOW_EVENTS',
      'FLOW_SIGNALS',
      'flow.event.wf1',
      'flow.event.*',
      'flow.signal.a1',
      'flow.signal.*',
      'flow.notice.activity.a1',
      'flow.changed.workflow.wf1',
    ]);
  });
});
