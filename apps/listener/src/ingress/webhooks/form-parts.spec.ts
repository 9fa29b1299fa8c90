import { BodyOutOfBoundsError } from '@app/events';
import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { boundaryIn, type FormPart, readFormParts } from './form-parts.js';

const PARTS_MAX = 100;

/** Lines with CRLF between them, as they go over the wire. */
const lines = (...text: readonly string[]): Buffer => Buffer.from(text.join('\r\n'));

function partsOf(body: Buffer, boundary = 'b'): readonly unknown[] {
  return readFormParts(body, boundary, PARTS_MAX).map(({ bytes, ...rest }) => ({
    ...rest,
    text: bytes.toString(),
  }));
}

describe(boundaryIn.name, () => {
  it.each([
    ['multipart/form-data; boundary=----WebKitFormBoundary7MA4YWxkTrZu0gW', true],
    ['multipart/form-data; boundary="a b:c"', true],
    ['multipart/form-data; charset=utf-8; BOUNDARY=x', true],
    ['multipart/form-data', false],
    ['multipart/form-data; boundary=', false],
    [`multipart/form-data; boundary=${'x'.repeat(71)}`, false],
    ['multipart/form-data; boundary="a\nb"', false],
  ])('finds one in %j: %s', (contentType, isThere) => {
    expect(boundaryIn(contentType) !== undefined).toBe(isThere);
  });
});

describe(readFormParts.name, () => {
  it('reads fields and files as curl sends them', () => {
    const body = lines(
      '--b',
      'Content-Disposition: form-data; name="subject"',
      '',
      'Grüße & more',
      '--b',
      'Content-Disposition: form-data; name="attachment-1"; filename="a.pdf"',
      'Content-Type: application/pdf',
      '',
      '%PDF',
      '',
      '--b--',
      '',
    );

    expect(partsOf(body)).toEqual([
      { name: 'subject', text: 'Grüße & more' },
      {
        name: 'attachment-1',
        filename: 'a.pdf',
        contentType: 'application/pdf',
        text: '%PDF\r\n',
      },
    ]);
  });

  it.each<[string, Buffer, readonly unknown[]]>([
    ['none at all', lines('--b--'), []],
    [
      'one with no content',
      lines('--b', 'content-disposition: form-data; name=a', '', '', '--b--'),
      [{ name: 'a', text: '' }],
    ],
    [
      'one whose only line break is that of the next boundary',
      lines('--b', 'content-disposition: form-data; name=a', '', '--b--'),
      [{ name: 'a', text: '' }],
    ],
    [
      'one between what is before and after the form',
      lines('to whom', '--b ', 'Content-Disposition: form-data; name="a"', '', '1', '--b--', '--b'),
      [{ name: 'a', text: '1' }],
    ],
    [
      'one with lines that look like boundaries',
      lines('--b', 'Content-Disposition: form-data; name="a"', '', '--bc', '-b', ' --b', '--b--'),
      [{ name: 'a', text: '--bc\r\n-b\r\n --b' }],
    ],
    [
      'one with line feeds alone',
      Buffer.from('--b\nContent-Disposition: form-data; name="a"\n\n1\n2\n--b--\n'),
      [{ name: 'a', text: '1\n2' }],
    ],
    [
      'one with a name in quotes, as browsers and others escape it',
      lines('--b', 'Content-Disposition: form-data; name="a%22\\"b"', '', '1', '--b--'),
      [{ name: 'a""b', text: '1' }],
    ],
    [
      'one with its name in the way of .NET',
      lines(
        '--b',
        `Content-Disposition: form-data; name=a; filename=x; filename*=utf-8''na%C3%AFve`,
        ...['', '1', '--b--'],
      ),
      [{ name: 'a', filename: 'naïve', text: '1' }],
    ],
    [
      'backslashes that are escapes, and those that are not',
      lines(
        '--b',
        String.raw`Content-Disposition: form-data; name="a\"b\\c"; filename="C:\new\x.txt"`,
        ...['', '1', '--b--'],
      ),
      [{ name: String.raw`a"b\c`, filename: String.raw`C:\new\x.txt`, text: '1' }],
    ],
    [
      'one in base64, as old libraries send files',
      lines(
        '--b',
        'Content-Disposition: form-data; name=a',
        'Content-Transfer-Encoding: base64',
        ...['', 'aGVs', 'bG8=', '--b--'],
      ),
      [{ name: 'a', text: 'hello' }],
    ],
  ])('reads %s', (_what, body, parts) => {
    expect(partsOf(body)).toEqual(parts);
  });

  it.each([
    ['nothing', ''],
    ['no boundary', 'a=1&b=2'],
    ['another boundary', '--c\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--c--'],
    ['no end', '--b\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--b\r\n'],
    ['a part cut off', '--b\r\nContent-Disposition: form-data; name=a\r\n\r\n1'],
    ['a part without headers', '--b\r\n\r\n1\r\n--b--'],
    ['a part without a name', '--b\r\nContent-Disposition: form-data\r\n\r\n1\r\n--b--'],
    ['an attachment', '--b\r\nContent-Disposition: attachment; name=a\r\n\r\n1\r\n--b--'],
    ['headers without an end', `--b\r\n${'A: b\r\n'.repeat(70_000)}\r\n--b--`],
    [
      'long names of many parts',
      `${`--b\r\nContent-Disposition: form-data; name=${'n'.repeat(30_000)}\r\n\r\n1\r\n`.repeat(10)}--b--`,
    ],
    [
      'more parts than may be',
      `${'--b\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n'.repeat(PARTS_MAX + 1)}--b--`,
    ],
  ])('refuses %s', (_what, text) => {
    expect(() => partsOf(Buffer.from(text))).toThrow(BodyOutOfBoundsError);
  });

  it('gives each field and file of any form back as Node writes it', async () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 20 });
    const bytes = fc.uint8Array({ maxLength: 50 });
    // Browsers do not escape a backslash. Before a quote or another backslash it is read as an escape (RFC 2183).
    const unambiguous = text.filter((name) => !/\\(?:\\|$)/.test(name));
    const field = fc.record({ name: unambiguous, content: fc.oneof(text, bytes) });
    const isFile = (content: string | Uint8Array): content is Uint8Array =>
      typeof content !== 'string';
    await fc.assert(
      fc.asyncProperty(fc.array(field, { maxLength: 6 }), async (fields) => {
        const form = new FormData();
        for (const { name, content } of fields) {
          if (isFile(content)) form.append(name, new Blob([Buffer.from(content)]), 'ü".bin');
          else form.append(name, content);
        }
        const written = new Response(form);
        const boundary = boundaryIn(written.headers.get('content-type') ?? '') ?? '';
        const body = Buffer.from(await written.arrayBuffer());

        expect(readFormParts(body, boundary, PARTS_MAX)).toEqual(
          fields.map(({ name, content }): FormPart => ({
            name: onTheWire(name),
            ...(isFile(content) && {
              filename: 'ü".bin',
              contentType: 'application/octet-stream',
            }),
            bytes: Buffer.from(isFile(content) ? content : onTheWire(content)),
          })),
        );
      }),
    );
  });

  it('reads or refuses whatever comes', () => {
    const words = [
      '--b',
      '--b--',
      '\r\n',
      '\n',
      'Content-Disposition: form-data; name="a"',
      ';',
      '"',
    ];
    const piece = fc.oneof(
      fc.constantFrom(...words).map((word) => Buffer.from(word)),
      fc.uint8Array({ maxLength: 4 }).map((some) => Buffer.from(some)),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
        try {
          readFormParts(Buffer.concat(pieces), 'b', PARTS_MAX);
        } catch (error) {
          expect(error).toBeInstanceOf(BodyOutOfBoundsError);
        }
      }),
    );
  });
});

/** A form's line breaks are CRLF, whatever they were (WHATWG). */
function onTheWire(text: string): string {
  return text.replaceAll(/\r\n|\r|\n/g, '\r\n');
}
