import { describeActivity, isAtRest } from '../../tools/start/activity-table.mjs';

describe(describeActivity.name, () => {
  it('shows each task with its status and result, and the results of the run', () => {
    const described = describeActivity({
      workflowId: 'hello',
      status: 'failed',
      durationMs: 12,
      tasks: [
        { name: 'start', status: 'succeeded', results: {} },
        { name: 'choose', status: 'succeeded', decision: 'left', results: {} },
        { name: 'call', status: 'succeeded', results: { statusCode: 200 } },
        { name: 'again', status: 'succeeded', attempt: 3, results: { sum: 7 } },
        { name: 'each', status: 'waiting', attempt: 1, progress: { total: 9, open: 2 } },
        {
          ...{ name: 'fail', status: 'failed', attempt: 2 },
          failure: { code: 'HTTP_STATUS', message: 'said 500' },
        },
      ],
      results: { greeting: 'Hello' },
      failure: { code: 'TASK_FAILED', message: 'a task failed' },
    });

    expect(described.split('\n')).toEqual([
      'Workflow "hello" failed in 12 ms: TASK_FAILED, a task failed',
      '',
      'Tasks',
      '  start   succeeded',
      '  choose  succeeded  decided on "left"',
      '  call    succeeded  {"statusCode":200}',
      '  again   succeeded  attempt 3, {"sum":7}',
      '  each    waiting    {"total":9,"open":2}',
      '  fail    failed     attempt 2, HTTP_STATUS: said 500',
      '',
      'Results',
      '  greeting  "Hello"',
      '',
    ]);
  });
});

describe(isAtRest.name, () => {
  const approval = { task: 'ask', kind: 'approval', what: '1 more to approve' };
  const activity = { workflowId: 'release', status: 'waiting', tasks: [], results: {} };

  it.each([
    [
      true,
      'has ended',
      { status: 'failed', waitingFor: [{ kind: 'delivery', what: '1 webhook' }] },
    ],
    [true, 'waits for somebody', { waitingFor: [approval] }],
    [false, 'waits for an executor', { waitingFor: [{ kind: 'executor', what: 'to begin it' }] }],
    [false, 'waits for an answer, too', { waitingFor: [approval, { kind: 'call', what: 'x' }] }],
    [false, 'is being worked on', { status: 'running' }],
  ])('is %s for an activity that %s', (expected, _, members) => {
    expect(isAtRest({ ...activity, ...members })).toBe(expected);
  });

  it('is shown with what it waits for', () => {
    const until = '2026-11-30T10:00:00.000Z';
    const waitingFor = [
      { ...approval, until },
      { kind: 'slot', what: 'a slot' },
    ];
    expect(describeActivity({ ...activity, waitingFor }).split('\n')).toEqual([
      ...['Workflow "release" waiting', '', 'Tasks', '', 'Results', ''],
      ...['Waits for', `  ask: 1 more to approve, until ${until}`, '  a slot', ''],
    ]);
  });
});
