import * as names from './names.js';

describe('names in NATS', () => {
  it('are those of the design', () => {
    const flow = 'flow';

    expect([
      names.eventsStream(flow),
      names.signalsStream(flow),
      names.eventSubject(flow, 'wf1'),
      names.eventWildcard(flow),
      names.batchesStream(flow),
      names.batchSubject(flow),
      names.signalSubject(flow, 'a1'),
      names.signalWildcard(flow),
      names.activityNoticeSubject(flow, 'a1'),
      names.taskSubject(flow, 'q.g', 'k'),
      names.workerConsumer('q.g'),
      names.answerSubject(flow, 'q.g'),
      names.taskCancelSubject(flow, 'q.g'),
      names.workflowChangedSubject(flow, 'wf1'),
    ]).toEqual([
      'FLOW_EVENTS',
      'FLOW_SIGNALS',
      'flow.event.wf1',
      'flow.event.*',
      'FLOW_BATCHES',
      'flow.batch',
      'flow.signal.a1',
      'flow.signal.*',
      'flow.notice.activity.a1',
      'flow.task.q.g.k',
      'q_g',
      'flow.answer.q.g',
      'flow.cancel.q.g',
      'flow.changed.workflow.wf1',
    ]);
  });
});
