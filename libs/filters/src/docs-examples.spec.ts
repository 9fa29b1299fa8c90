import { readFileSync } from 'node:fs';
import path from 'node:path';
import { CesqlExpression } from '@app/cesql';
import { type CloudEvent } from '@app/events';
import { jsonData } from '@app/events/testing';
import { type JsonObject, type JsonValue, parseJson } from '@app/json';
import { compileFilter } from './compile-filter.js';
import { FilterSubject } from './filter-subject.js';

const DOC = readFileSync(path.resolve(import.meta.dirname, '../../../docs/filters.md'), 'utf8');

function blocksOf(text: string, kind: string): readonly JsonValue[] {
  const blocks = text.matchAll(new RegExp(`^\`\`\`json ${kind}\\n([^]*?)^\`\`\``, 'gm'));
  return [...blocks].map(([, block = '']) => parseJson(block));
}

function eventOf(): CloudEvent {
  const { data = null, ...attributes } = blocksOf(DOC, 'event')[0] as JsonObject;
  const { specversion, id, source, type, subject, time, ...extensions } = attributes;
  const known = { specversion, id, source, type, subject, time, extensions };
  return { ...known, data: jsonData(data) } as unknown as CloudEvent;
}

const EVENT = eventOf();

/** Examples of filters, by what stands before them. */
const EXAMPLES = DOC.split(/^(?=Matches:$|Does not match:$|## )/m).flatMap((part) =>
  blocksOf(part, 'filter').map((filter) => [filter, part.startsWith('Matches:')] as const),
);

const EXPRESSIONS = [...DOC.matchAll(/^\| `(.+?)` +\| (`true`|`false`|an error) +\|/gm)].map(
  ([, expression = '', outcome = '']) => [expression, outcome] as const,
);

describe('docs/filters.md', () => {
  it('has examples', () => {
    expect(EXAMPLES.filter(([, matches]) => matches).length).toBeGreaterThan(3);
    expect(EXAMPLES.filter(([, matches]) => !matches).length).toBeGreaterThan(1);
    expect(EXPRESSIONS.length).toBeGreaterThan(15);
  });

  it.each(EXAMPLES)('%j matches: %s', (filter, matches) => {
    const compilation = compileFilter(filter, '');

    expect(compilation.kind === 'ok' && compilation.filter.matches(EVENT)).toBe(matches);
    expect(compilation.kind).toBe('ok');
  });

  it.each(EXPRESSIONS)('%s is %s', (expression, outcome) => {
    const { attribute } = new FilterSubject(EVENT);
    const { value, error } = new CesqlExpression(expression).evaluate(attribute);

    expect(error ? 'an error' : `\`${String(value)}\``).toBe(outcome);
  });
});
