import { readPubAck } from './read-pub-ack.js';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

describe(readPubAck.name, () => {
  it.each([
    ['a stored message', '{"stream":"S","seq":7}', false],
    ['a message that was there already', '{"stream":"S","seq":7,"duplicate":true}', true],
  ])('takes the acknowledgement of %s', (_what, answer, duplicate) => {
    const message = { stream: 'S', sequence: 7, duplicate };

    expect(readPubAck(0, encode(answer))).toEqual({ kind: 'stored', message });
  });

  it('knows that no stream takes the subject', () => {
    expect(readPubAck(503, new Uint8Array())).toMatchObject({ kind: 'no-stream' });
  });

  it('finds the code of a refusal, however long the rest of the line is', () => {
    const error = { code: 400, description: 'x'.repeat(300), err_code: 10_071 };

    expect(readPubAck(0, encode(JSON.stringify({ error })))).toMatchObject({ errCode: 10_071 });
  });

  it.each([
    ['an error', '{"error":{"code":503,"err_code":10077,"description":"maximum bytes exceeded"}}'],
    ['an error beside a sequence', '{"stream":"S","seq":0,"error":{"code":500}}'],
    ['an empty answer', ''],
    ['something else', '"+OK"'],
    ['an acknowledgement without a sequence', '{"stream":"S"}'],
  ])('takes %s as a rejected request', (_what, answer) => {
    expect(readPubAck(0, encode(answer))).toMatchObject({ kind: 'refused' });
  });
});
