import { encodeStructuredMessage } from '@app/events';
import { anEvent } from '@app/events/testing';
import { FLOW_ANSWER } from '@app/messaging';
import { NOW } from '@app/persistence/testing';
import { consumersOf } from './eventing.js';
import { WorkflowExecutorConfig } from './workflow-executor.config.js';

describe(consumersOf.name, () => {
  it('gives answers of workers the time of MongoDB, at which they make their runs due', () => {
    const reader = { read: noDispatch, readBatch: noDispatch };
    const consumers = consumersOf(new WorkflowExecutorConfig(), reader, () => NOW);
    const event = anEvent({
      type: 'io.boomerang.event.task.succeeded',
      extensions: { activityid: 'a', taskname: 't', attempt: 1 },
    });

    const answers = consumers.find(({ pattern }) => pattern === FLOW_ANSWER);
    const answer = answers?.decode(encodeStructuredMessage(event), 'flow.answer.q.default');

    expect(answer).toMatchObject({ signal: { kind: 'worker-result', at: NOW } });
  });
});

function noDispatch(): never {
  throw new Error('This is no dispatch');
}
