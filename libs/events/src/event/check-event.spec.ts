import { type Problem } from '@app/errors';
import { checkEvent } from './check-event.js';
import { type CloudEvent } from './cloud-event.js';

const MINIMAL = { specversion: '1.0', id: '1', source: '/s', type: 't' };

function check(attributes: Record<string, unknown>): readonly Problem[] | CloudEvent {
  const result = checkEvent({ attributes, data: undefined, problems: [] });
  return result.kind === 'valid' ? result.event : result.problems;
}

function problemsWith(attributes: Record<string, unknown>): readonly Problem[] {
  const result = check({ ...MINIMAL, ...attributes });
  return Array.isArray(result) ? (result as readonly Problem[]) : [];
}

describe(checkEvent.name, () => {
  it('accepts an event with the required attributes alone', () => {
    expect(check(MINIMAL)).toEqual({ ...MINIMAL, extensions: {} });
  });

  it('names every problem at once', () => {
    const problems = check({
      specversion: '2.0',
      source: ' ',
      time: 'noon',
      'Bad-Name': 'x',
      float: 1.5,
    });

    expect((problems as Problem[]).map(({ attribute }) => attribute)).toEqual([
      'specversion',
      'source',
      'time',
      'Bad-Name',
      'float',
      'id',
      'type',
    ]);
  });

  it('lists no more than a hundred problems', () => {
    const wrong = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`X${index}`, 1]));

    expect(problemsWith(wrong)).toHaveLength(100);
  });

  it('adds to the problems of the message, and reports no unreadable attribute as missing', () => {
    const others = { ...MINIMAL, id: undefined };
    const problems = [{ attribute: 'id', detail: 'unreadable' }];

    expect(checkEvent({ attributes: others, data: undefined, problems })).toEqual({
      kind: 'invalid',
      problems,
    });
  });

  it.each(['specversion', 'id', 'source', 'type'])(
    'requires %s, and null is as good as absent',
    (name) => {
      const problem = { attribute: name, detail: 'is required' };

      expect(problemsWith({ [name]: null })).toEqual([problem]);
      expect(problemsWith({ [name]: undefined })).toEqual([problem]);
    },
  );

  it.each(['subject', 'time', 'datacontenttype', 'dataschema', 'ext'])(
    'takes null for %s as unset',
    (name) => {
      expect(check({ ...MINIMAL, [name]: null })).toEqual({ ...MINIMAL, extensions: {} });
    },
  );

  it.each(['id', 'source', 'type', 'subject', 'time', 'datacontenttype', 'dataschema'])(
    'refuses %s when it is empty, a number or a control character',
    (name) => {
      for (const value of ['', 5, true, {}, 'a\nb']) {
        expect(problemsWith({ [name]: value }).map(({ attribute }) => attribute)).toEqual([name]);
      }
    },
  );

  it.each([
    ['a text', 'Grüße, 世界 😀'],
    ['the empty text', ''],
    ['true', true],
    ['0', 0],
    ['the largest integer', 2_147_483_647],
    ['the smallest integer', -2_147_483_648],
  ])('takes an extension that is %s', (_what, value) => {
    expect(check({ ...MINIMAL, ext: value })).toMatchObject({ extensions: { ext: value } });
  });

  it.each([
    ['an integer of 33 bits', 2_147_483_648],
    ['a negative one', -2_147_483_649],
    ['a fraction', 0.5],
    ['an array', []],
    ['an object', {}],
    ['NUL', 'a\0'],
    ['DEL', 'a\u007f'],
    ['a C1 control character', 'a\u0085'],
    ['a noncharacter', '\ufffe'],
    ['a noncharacter of the Arabic block', '\ufdd0'],
    ['a noncharacter beyond the first plane', '\u{1ffff}'],
    ['a high surrogate alone', 'a\ud800b'],
    ['a low surrogate alone', '\udead'],
  ])('refuses an extension that is %s', (_what, value) => {
    expect(problemsWith({ ext: value })).toHaveLength(1);
  });

  it.each([
    'a',
    '1',
    'comexampleextension1',
    'averyverylongnamewithmorethantwentycharacters',
    'constructor',
  ])('takes an extension called %s', (name) => {
    const event = check({ ...MINIMAL, [name]: 'x' }) as CloudEvent;

    expect(Object.entries(event.extensions)).toEqual([[name, 'x']]);
  });

  it.each(['A', 'a-b', 'a_b', 'ä', 'data', '', '__proto__', 'ID'])(
    'refuses an extension called "%s"',
    (name) => {
      const attributes = Object.fromEntries([...Object.entries(MINIMAL), [name, 'x']]);

      expect(check(attributes)).toEqual([expect.objectContaining({ attribute: name })]);
    },
  );

  it.each(['1', '1.0.2', '1.1', 1, '0.2'])('refuses specversion %p', (specversion) => {
    expect(problemsWith({ specversion })).toHaveLength(1);
  });
});

describe('an event of version 0.3', () => {
  const OLD = { ...MINIMAL, specversion: '0.3' };

  it('becomes one of 1.0, with its schemaurl as dataschema', () => {
    expect(check({ ...OLD, schemaurl: 'https://a/s.json', datacontentencoding: 'base64' })).toEqual(
      {
        ...MINIMAL,
        dataschema: 'https://a/s.json',
        extensions: {},
      },
    );
  });

  it.each([
    ['is relative', { schemaurl: '/s.json' }],
    [
      'would take the place of a dataschema',
      { schemaurl: 'https://a/1', dataschema: 'https://a/2' },
    ],
  ])('keeps a schemaurl that %s as an extension', (_why, attributes) => {
    expect(check({ ...OLD, ...attributes })).toMatchObject({
      extensions: { schemaurl: attributes.schemaurl },
    });
  });

  it('is held to the rules of 1.0', () => {
    expect(check({ ...OLD, ext: { a: 1 } })).toEqual([
      expect.objectContaining({ attribute: 'ext' }),
    ]);
  });
});

describe('an event of version 1.0', () => {
  it('has schemaurl and datacontentencoding as extensions like any other', () => {
    const extensions = { schemaurl: 'https://a/s', datacontentencoding: 'base64' };

    expect(check({ ...MINIMAL, ...extensions })).toMatchObject({ extensions });
  });
});
