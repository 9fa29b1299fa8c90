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
  it('truncates progress before it is recorded', () => {
    const lines = Array.from({ length: 30 }, (_, at) => `${at} ${'x'.repeat(600)}`);
    const { signal } = answerOf('progress', { message: 'y'.repeat(600), lines });

    expect(signal).toMatchObject({
      id: 'progress:invoices.default:invoice:1:e',
      message: 'y'.repeat(500),
      lines: lines.slice(-20).map((line) => line.slice(0, 500)),
    });
  });

  it('truncates the message of a failure', () => {
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
  ] as const)('fails the attempt of a %s that it cannot accept (%#)', (type, data, code) => {
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
    ['an attempt that is a boolean', 'succeeded', {}, { ...OF, attempt: true }],
    ['an attempt in another form', 'succeeded', {}, { ...OF, attempt: '0x1' }],
    ['a result of no activity', 'succeeded', {}, { ...OF, activityid: '' }],
  ] as const)('fails no attempt for %s', (_what, type, data, of) => {
    expect(() => answerOf(type, data, of)).toThrow(/^The answer of a worker has /);
  });
});

/** What a client wrote that knows of JSON what it likes, or of CloudEvents. */
function readText(text: string, headers: Readonly<Record<string, string>> = {}): WorkerAnswer {
  const read = answerReader(EVENT_LIMITS, () => NOW);
  return read({ headers, payload: Buffer.from(text) }, 'flow.answer.invoices.default');
}

const NAMED = '"activityid":"a1","taskname":"invoice","attempt":1';
const SUCCEEDED = 'io.boomerang.event.task.succeeded';
const STARTS = `{"specversion":"1.0","id":"e","source":"w","type":"${SUCCEEDED}",${NAMED}`;
const DEEP = `${'['.repeat(5_000)}${']'.repeat(5_000)}`;

describe('an answer that is not a CloudEvent', () => {
  it.each([
    ['has a NaN', `${STARTS},"data":{"results":{"x":NaN}}}`],
    ['is too deep', `${STARTS},"data":{"results":{"x":${DEEP}}}}`],
    ['has too many members', `${STARTS},"data":{"results":{"x":[${'1,'.repeat(50_000)}1]}}}`],
    ['has a key that cannot be stored', `${STARTS},"data":{"results":{"a\\u0000":1}}}`],
    ['is cut off', `${STARTS},"data":{"results":`],
    ['has no source', `{"specversion":"1.0","id":"e","type":"${SUCCEEDED}",${NAMED}}`],
    ['has a time that is none', `${STARTS},"time":"today"}`],
    ['has no type', `{"specversion":"1.0","id":"e","source":"w",${NAMED}}`],
  ])('fails the attempt that it names: an answer that %s', (_what, text) => {
    const code = 'WORKER_ANSWER_INVALID';
    expect(readText(text)).toMatchObject({
      activityId: 'a1',
      signal: {
        ...{ id: 'worker:invoices.default:invoice:1', kind: 'worker-result', attempt: 1 },
        outcome: { kind: 'failed', code, retryable: false, outcomeKnown: false },
      },
      refused: { code },
    });
  });

  it('fails the attempt that its headers name', () => {
    const ce = { 'ce-specversion': '1.0', 'ce-id': 'e', 'ce-source': 'w', 'ce-type': SUCCEEDED };
    const of = { 'CE-ActivityId': 'a1', 'ce-taskname': 'invoice', 'ce-attempt': '1' };
    const headers = { ...ce, ...of, 'ce-datacontenttype': 'application/json' };

    expect(readText('{"results":', headers)).toMatchObject({
      activityId: 'a1',
      signal: { kind: 'worker-result', task: 'invoice', attempt: 1 },
      refused: { problems: [] },
    });
  });

  it.each([
    ['is progress', `${STARTS.replace('succeeded', 'progress')},"data":NaN}`],
    ['names no attempt', `{"type":"${SUCCEEDED}","activityid":"a1","taskname":"t","data":NaN}`],
    ['is no text at all', String.fromCharCode(0, 1, 2)],
    ['is empty', ''],
  ])('fails no attempt, and reports the problem: an answer that %s', (_what, text) => {
    expect(() => readText(text)).toThrow(/^The answer of a worker can't be read: /);
  });
});

describe(WorkerAnswers.name, () => {
  it('records the end of the attempt before the message becomes a dead letter', async () => {
    const store = new MemoryActivityStore();
    const origin = aNewActivity();
    await store.record(origin);
    const delivered: string[] = [];
    const delivery = { deliver: (id: string) => void delivered.push(id) };
    const answers = new WorkerAnswers(store, delivery, { take: () => Promise.resolve(false) });
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
