import { headers as natsHeaders } from '@nats-io/transport-node';
import { CloudEvent } from 'cloudevents';
import { resultText } from './answer-text.js';
import { failureOf, RetryableError, TerminalError } from './errors.js';

const TASK = new CloudEvent({
  id: 'a1:invoice:1',
  source: '/workflows/w',
  type: 'io.boomerang.event.task.queued',
  activityid: 'a1',
  taskname: 'invoice',
  attempt: 1,
});

interface Sent {
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

function sent(kind: 'succeeded' | 'failed', data: object, bytesMax = Infinity): Sent {
  const text = resultText(TASK, 'invoices', kind, { ...data }, bytesMax);
  return JSON.parse(text) as Sent;
}

describe(resultText.name, () => {
  it.each([{ results: { a: 1 } }, { results: new Map() }, {}])('sends an object', (data) => {
    expect(sent('succeeded', data)).toMatchObject({ type: 'io.boomerang.event.task.succeeded' });
  });

  it.each([
    ['a string', 'ok', 'The results are not an object.'],
    ['an array', [1], 'The results are not an object.'],
    ['a date', new Date(0), 'The results are not an object.'],
    ['a function', () => 1, 'The results are not an object.'],
    ['a circular structure', circle(), "The results can't be written as JSON"],
    ['too much text', { text: 'x'.repeat(1_024 * 1_024) }, 'at most 1048576 are accepted'],
  ])('sends a failure instead of %s', (_what, results, why) => {
    const { type, data } = sent('succeeded', { results });

    expect(type).toBe('io.boomerang.event.task.failed');
    expect(data).toMatchObject({ code: 'WORKER_RESULTS_INVALID', retryable: false });
    expect(data['message']).toContain(why);
  });

  it('writes no message that is larger, with its headers, than the server accepts', () => {
    const headers = natsHeaders();
    headers.set('content-type', 'application/cloudevents+json');
    const { length } = (headers as unknown as { encode(): Uint8Array }).encode();
    const messageBytesMax = 5_000;
    const kinds = new Set<string>();
    for (let chars = 4_000; chars < 5_000; chars += 1) {
      const results = { text: 'x'.repeat(chars) };
      const text = resultText(TASK, 'invoices', 'succeeded', { results }, messageBytesMax);
      expect(Buffer.byteLength(text) + length).toBeLessThanOrEqual(messageBytesMax);
      kinds.add((JSON.parse(text) as Sent).type);
    }
    expect(kinds.size).toBe(2);
  });

  it('says that the results of a failure are invalid, and keeps the rest of the failure', () => {
    const thrown = new RetryableError('later', { retryAfterMs: 7, results: [1] });

    expect(sent('failed', failureOf(thrown)).data).toEqual({
      code: 'WORKER_RESULTS_INVALID',
      message: 'The results are not an object. later',
      retryable: true,
      retryAfterMs: 7,
      outcomeKnown: false,
    });
  });

  it('shortens a long error message', () => {
    const { data } = sent('failed', failureOf(new Error('x'.repeat(2_000_000))));

    expect(data).toMatchObject({ code: 'WORKER_FAILED', message: 'x'.repeat(1_000) });
  });
});

describe(failureOf.name, () => {
  it.each(['order-missing', '', 'x'.repeat(200)])(
    'says what is wrong with the code "%s"',
    (code) => {
      const { code: known, message, retryable } = failureOf(new TerminalError('gone', { code }));

      expect({ known, retryable }).toEqual({ known: 'WORKER_RESULTS_INVALID', retryable: false });
      expect(message).toMatch(/^The code ".*" is not LIKE_THIS.*: gone$/);
    },
  );
});

function circle(): object {
  const circular: Record<string, unknown> = {};
  circular['self'] = circular;
  return circular;
}
