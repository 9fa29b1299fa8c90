import fc from 'fast-check';
import { parseTemplate, referencesIn } from './template.js';

function problemsOf(value: string): string[] {
  const problems: string[] = [];
  parseTemplate({ a: [value] }, 'value', (path) => problems.push(path));
  return problems;
}

describe(parseTemplate.name, () => {
  it.each([
    '$(',
    '$()',
    '$(params)',
    '$(params.)',
    '$(params.x',
    '$(params.x.)',
    '$(params[0])',
    '$(params.x[)',
    '$(params.x[?])',
    '$(params.x[*)',
    '$(params.x..)',
    `$(params.x[*]${'.a'.repeat(300)})`,
    "$(params.x['a)",
    '$(document).ready()',
    '$(param.x)',
    '$(workflow.x)',
    '$(tasks.a.x)',
    '$(tasks.a.results)',
    '$(date +%s)',
    `$(params${'.x'.repeat(40)})`,
    'fine $(params.x), not fine $(here)',
  ])('reports %j with its path', (text) => {
    expect(problemsOf(text)).toEqual(['value.a[0]']);
  });

  it('reads on after a malformed reference', () => {
    const problems: string[] = [];
    const template = parseTemplate('$(here) $(params.x) $(there', 'value', (_path, detail) =>
      problems.push(detail),
    );

    expect(problems).toHaveLength(2);
    expect(referencesIn(template)).toMatchObject([{ from: 'params', name: 'x' }]);
  });

  it.each(['', '$', '$$', '(', '$ (', '$$(', '$(params.x)', "$(global.params['a b'][0].c)"])(
    'accepts %j',
    (text) => {
      expect(problemsOf(text)).toEqual([]);
    },
  );

  it('keeps a value without references as it is', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 3, noUnicodeString: false }), (value) => {
        fc.pre(!JSON.stringify(value).includes('$('));

        expect(parseTemplate(value as never, '', fail)).toEqual({ kind: 'literal', value });
      }),
    );
  });
});

function fail(path: string, detail: string): void {
  throw new Error(`${path}: ${detail}`);
}
