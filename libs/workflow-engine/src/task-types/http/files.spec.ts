import { type JsonObject, type JsonValue } from '@app/json';
import { FIELDS_CHARS_MAX } from '../../bounds.js';
import { requirementsOf } from '../../requirements.js';
import { aDefinition, aTask, aTaskContext } from '../../testing/builders.js';
import { http } from './http.js';

const URL = 'https://example.org/a';

function callOf(params: JsonObject): unknown {
  const reached = http.reach({ url: URL, ...params }, aTaskContext());
  return reached.kind === 'effect' ? reached.effect.params : reached;
}

describe('files of an http task', () => {
  it('are sent together with the fields of its form, by POST', () => {
    const files = {
      invoice: { filename: 'a.pdf', contentType: 'application/pdf', base64: 'JVBERg==' },
      notes: [{ text: 'one' }, null, { filename: 'two.txt', text: 'two' }],
      none: null,
    };

    expect(callOf({ form: { order: 7, tag: ['a', 'b'] }, files })).toEqual({
      url: URL,
      method: 'POST',
      headers: [],
      parts: [
        { name: 'order', text: '7' },
        { name: 'tag', text: 'a' },
        { name: 'tag', text: 'b' },
        { name: 'invoice', ...files.invoice },
        { name: 'notes', filename: 'notes', contentType: 'text/plain; charset=utf-8', text: 'one' },
        {
          name: 'notes',
          filename: 'two.txt',
          contentType: 'text/plain; charset=utf-8',
          text: 'two',
        },
      ],
    });
  });

  it('may be those that a webhook brought', () => {
    const file = { filename: 'a.bin', contentType: 'x/y; a=b', sizeBytes: 1, base64: 'AA==' };

    expect(callOf({ files: { file } })).toMatchObject({
      parts: [{ name: 'file', filename: 'a.bin', contentType: 'x/y; a=b', base64: 'AA==' }],
    });
  });

  it.each<JsonValue>([
    'a.pdf',
    { a: 'text' },
    { a: {} },
    { a: { text: 'x', base64: 'AA==' } },
    { a: { base64: 'no base64!' } },
    { a: { text: 'x', contentType: 'text/plain\r\nX-Evil: 1' } },
    { a: { text: 'x', contentType: 'text' } },
    { a: { text: 'x', file: 'y' } },
    { a: { text: 'x', filename: 'f'.repeat(1_001) } },
    { ['n'.repeat(1_001)]: { text: 'x' } },
    { a: Array.from({ length: 1_001 }, () => ({ text: '' })) },
  ])('cannot be %j', (files) => {
    expect(callOf({ files })).toMatchObject({ kind: 'invalid', param: 'files' });
  });

  it('are sent with a content type of their own', () => {
    const headers = { 'content-type': 'multipart/form-data' };

    expect(callOf({ files: {}, headers })).toMatchObject({ kind: 'invalid', param: 'headers' });
  });

  it('need a build that knows them', () => {
    const params = { url: URL, files: { a: { text: 'x' } } };

    expect(requirementsOf(aDefinition([aTask('a', 'http', ['start'], params)]))).toContain(
      'language:4',
    );
  });
});

it('a form is bounded with the names that its lists repeat', () => {
  const name = 'n'.repeat(1_000);
  const values = (count: number): JsonObject => ({
    [name]: Array.from({ length: count }, () => 1),
  });
  const most = Math.floor(FIELDS_CHARS_MAX / 1_001);

  expect(callOf({ form: values(most) })).toMatchObject({ method: 'POST' });
  expect(callOf({ form: values(most + 1) })).toMatchObject({ kind: 'invalid', param: 'form' });
});
