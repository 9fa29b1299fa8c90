import { type Problem } from '@app/errors';
import { type JsonLimits, type JsonValue } from '@app/json';
import { Composer, type CST, type Document, Lexer, LineCounter, Parser } from 'yaml';
import { placeIn, type Position } from './yaml-places.js';
import { YamlValues } from './yaml-values.js';

/** The largest number of tokens of a document: words, signs, spaces, ends of lines. */
const LEXEMES_MAX = 200_000;

/** The largest number of problems that are reported of one text. */
const PROBLEMS_MAX = 100;

export type YamlReading =
  | {
      readonly kind: 'read';
      readonly value: JsonValue;
      /** The position of a path of the value; for a missing member, where it would be. */
      readonly placeOf: (path: string) => Position;
    }
  | { readonly kind: 'invalid'; readonly problems: readonly Problem[] };

/**
 * Reads one document of YAML 1.2.2 with its core schema, as JSON: names are texts, numbers are kept as they were
 * written, and custom tags are refused. Nesting, members (each use of an alias counts its members) and tokens are
 * bounded before any value is made.
 */
export function readYaml(text: string, limits: JsonLimits): YamlReading {
  const lines = new LineCounter();
  const positionOf = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const parsed = parse(text, lines, limits);
  if (typeof parsed === 'string') return refused([{ detail: parsed }]);
  const [document, another] = compose(parsed, text.length);
  if (document === undefined) return refused([{ detail: 'has no document' }]);
  const faults = [...document.errors, ...document.warnings];
  if (faults.length > 0) {
    return refused(
      faults
        .slice(0, PROBLEMS_MAX)
        .map(({ message, pos }) => ({ detail: message, ...positionOf(pos[0]) })),
    );
  }
  const version = document.directives.yaml;
  if (version.explicit === true && version.version !== '1.2') {
    return refused([{ detail: 'must be YAML 1.2: leave the line %YAML out', ...positionOf(0) }]);
  }
  if (another !== undefined) {
    const detail = 'is a second document; send one workflow at a time';
    return refused([{ detail, ...positionOf(another.range[0]) }]);
  }
  const values = new YamlValues(limits, PROBLEMS_MAX, positionOf);
  const value = values.of(document.contents);
  if (values.problems.length > 0) return refused(values.problems);
  return { kind: 'read', value, placeOf: (path) => positionOf(placeIn(document.contents, path)) };
}

function refused(problems: readonly Problem[]): YamlReading {
  return { kind: 'invalid', problems };
}

/**
 * The tokens of the text, or why they are too many or too deep. The bound comes first because composing is recursive.
 */
function parse(
  text: string,
  lines: LineCounter,
  { nestingMax }: JsonLimits,
): readonly CST.Token[] | string {
  const parser = new Parser(lines.addNewLine);
  const tokens: CST.Token[] = [];
  let lexemes = 0;
  lines.addNewLine(0);
  for (const lexeme of new Lexer().lex(text)) {
    lexemes += 1;
    if (lexemes > LEXEMES_MAX) return `has more than ${LEXEMES_MAX} words and signs`;
    tokens.push(...parser.next(lexeme));
  }
  tokens.push(...parser.end());
  return tokens.some((token) => isDeeper(token, nestingMax))
    ? `is nested deeper than ${nestingMax} lists and maps (JSON_NESTING_MAX)`
    : tokens;
}

/** Uses a stack of its own, because a text of brackets nests as deep as it is long. */
function isDeeper(root: CST.Token, nestingMax: number): boolean {
  const open: (readonly [CST.Token, number])[] = [[root, 0]];
  for (let next = open.pop(); next; next = open.pop()) {
    const [token, around] = next;
    if (token.type === 'document' && token.value) open.push([token.value, around]);
    if (!('items' in token)) continue;
    if (around >= nestingMax) return true;
    for (const item of token.items) {
      if (item.key) open.push([item.key, around + 1]);
      if (item.value) open.push([item.value, around + 1]);
    }
  }
  return false;
}

/** The first two documents of the text: the second one is an error. */
function compose(tokens: readonly CST.Token[], end: number): readonly Document.Parsed[] {
  // Duplicate names are found while the values are made, in linear time.
  const composer = new Composer({
    version: '1.2',
    schema: 'core',
    uniqueKeys: false,
    merge: false,
  });
  keepFirstFaults(composer);
  const documents: Document.Parsed[] = [];
  for (const document of composer.compose(withFirstErrors(tokens), true, end)) {
    documents.push(document);
    if (documents.length === 2) break;
  }
  return documents;
}

/**
 * Each fault becomes an error with a stack of its own, and a text may have one with every sign: those that are not
 * reported would take most of the time. The composer has no option for this.
 */
function keepFirstFaults(composer: Composer): void {
  const keep = Reflect.get(composer, 'onError') as (...fault: readonly unknown[]) => void;
  let faults = 0;
  const onError: typeof keep = (...fault) => {
    faults += 1;
    if (faults <= PROBLEMS_MAX) keep(...fault);
  };
  Object.assign(composer, { onError });
}

/** Without the errors of the syntax that are not reported, for the same reason. */
function withFirstErrors(tokens: readonly CST.Token[]): readonly CST.Token[] {
  let errors = 0;
  return tokens.filter(({ type }) => {
    if (type === 'error') errors += 1;
    return type !== 'error' || errors <= PROBLEMS_MAX;
  });
}
