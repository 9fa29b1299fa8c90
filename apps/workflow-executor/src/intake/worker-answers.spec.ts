import { type JsonValue } from '@app/json';
import { encodeStructuredMessage } from '@app/events';
import { anEvent, EVENT_LIMITS } from '@app/events/testing';
import { aNewActivity, MemoryActivityStore } from '@app/persistence/testing';
import { answerReader, type WorkerAnswer, WorkerAnswers } from './worker-answers.js';

const NOW = 1_700_000_000_000;
const OF = { activityid: 'a1', taskname: 'invoice', attempt: 1 };

function answerOf(type: string, value: JsonValue, of: object = OF): WorkerAnswer {
  const text = JSON.stringify(value);
  const event = anEvent({
    id: 'e',
    type: `io.boomerang.event.task.${type}`,
    extensions: { ...of },
    data: { kind: 'json', text, value },
  });
  const read = answerReader(EVENT_LIMITS, () => NOW);
  return read(encodeStructuredMessage(event), 'flow.answer.invoices.default');
}

describe(answerReader.name, () => {
  it('cuts progress to what is kept of it, before it is on record', () => {
    const lines = Array.from({ length: 30 }, (_, at) => `${at} ${'x'.repeat(600)}`);
    const { signal } = answerOf('progress', { message: 'y'.repeat(600), lines });

    expect(signal).toMatchObject({
      id: 'progress:invoices.default:invoice:1:e',
      message: 'y'.repeat(500),
      lines: lines.slice(-20).map((line) => line.slice(0, 500)),
    });
  });

  it('cuts the message of a failure', () => {
    const { signal } = answerOf('failed', { message: 'y'.repeat(2_000) });

    expect(signal).toMatchObject({ outcome: { message: 'y'.repeat(1_000) } });
  });

  it.each([
    ['succeeded', { results: { text: 'x'.repeat(1_024 * 1_024) } }, 'WORKER_ANSWER_TOO_LARGE'],
    ['failed', { results: { text: 'x'.repeat(1_024 * 1_024) } }, 'WORKER_ANSWER_TOO_LARGE'],
    ['succeeded', { results: 'ok' }, 'WORKER_ANSWER_INVALID'],
    ['succeeded', { results: [1] }, 'WORKER_ANSWER_INVALID'],
    ['succeeded', [1], 'WORKER_ANSWER_INVALID'],
    ['failed', { code: 'order-missing' }, 'WORKER_ANSWER_INVALID'],
    ['failed', { retryable: 'yes' }, 'WORKER_ANSWER_INVALID'],
    ['done', {}, 'WORKER_ANSWER_INVALID'],
  ] as const)('ends the attempt by a %s that it can not take (%#)', (type, data, code) => {
    const answer = answerOf(type, data);

    expect(answer).toMatchObject({
      activityId: 'a1',
      signal: {
        id: 'worker:invoices.default:invoice:1',
        kind: 'worker-result',
        outcome: { kind: 'failed', code, retryable: false, outcomeKnown: false },
      },
      refused: { code },
    });
  });

  it.each([
    ['progress that is none', 'progress', [1], OF],
    ['a result of no task', 'succeeded', {}, { ...OF, taskname: '' }],
    ['a result of no attempt', 'succeeded', {}, { ...OF, attempt: 0 }],
    ['a result of no activity', 'succeeded', {}, { ...OF, activityid: '' }],
  ] as const)('ends nothing by %s', (_what, type, data, of) => {
    expect(() => answerOf(type, data, of)).toThrow(/^The answer of a worker has /);
  });
});

describe(WorkerAnswers.name, () => {
  it('has the end of the attempt on record before the message is a dead letter', async () => {
    const store = new MemoryActivityStore();
    const origin = aNewActivity();
    await store.record(origin);
    const delivered: string[] = [];
    const answers = new WorkerAnswers(store, { deliver: (id) => void delivered.push(id) });
    const answer = answerOf('succeeded', { results: 'ok' }, { ...OF, activityid: origin.id });

    for (let times = 0; times < 2; times += 1) {
      await expect(answers.take(answer)).rejects.toMatchObject({ code: 'WORKER_ANSWER_INVALID' });
    }
    const code = 'WORKER_ANSWER_INVALID';
    expect((await store.get(origin.id))?.inbox).toMatchObject([{ outcome: { code } }]);
    expect(delivered).toEqual([origin.id]);

    store.outage.begin();
    await expect(answers.take(answer)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  });
});
