import { describeActivity } from '../../tools/start/activity-table.mjs';

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
        { name: 'fail', status: 'failed', failure: { code: 'HTTP_STATUS', message: 'said 500' } },
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
      '  fail    failed     HTTP_STATUS: said 500',
      '',
      'Results',
      '  greeting  "Hello"',
      '',
    ]);
  });
});
