import { type JsonObject } from '@app/json';
import { encodeStructuredMessage } from '@app/events';
import { anEvent, EVENT_LIMITS } from '@app/events/testing';
import { answerReader, type WorkerAnswer } from './worker-answers.js';

const NOW = 1_700_000_000_000;
const OF = { activityid: 'a1', taskname: 'invoice', attempt: 1 };

function answerOf(type: string, value: JsonObject): WorkerAnswer {
  const text = JSON.stringify(value);
  const event = anEvent({
    id: 'e',
    type: `io.boomerang.event.task.${type}`,
    extensions: OF,
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

  it.each(['succeeded', 'failed'])('refuses results of more than a mebibyte that %s', (type) => {
    const results = { text: 'x'.repeat(1_024 * 1_024) };

    expect(() => answerOf(type, { results })).toThrow('at most 1048576 are taken');
  });
});
