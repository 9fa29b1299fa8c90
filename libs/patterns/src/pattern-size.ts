/** About how many steps a character class by Unicode property compiles to. */
const PROPERTY_SIZE = 40;
/** The same for a case-insensitive range outside ASCII, whose letters are folded one by one. */
const FOLDED_RANGE_SIZE = 500;
/**
 * So many characters of classes take as long to compile as a step, because RE2 sorts the ranges in them. With folding,
 * which adds the other cases of each letter, one character does.
 */
const CLASS_CHARS_A_STEP = 8;
/** The most steps that a group, a star, an alternative or the end of the pattern adds. */
const GLUE_SIZE = 3;

const COUNT = /\{(\d+)(?:(,)(\d*))?\}/y;
const PROPERTY = /\\[pP](?:\{[^}]*\}|.)/y;
const ESCAPE = /\\(?:x\{[^}]*\}|x[0-9A-Fa-f]{2}|.)/sy;
const QUOTED = /\\Q(.*?)(?:\\E|$)/sy;
const FOLDS = /\(\?[a-zA-Z]*i/;
const BEYOND_ASCII = /[^\0-\x7f]|\\x/;

/**
 * An upper bound of the number of steps that RE2 compiles a pattern to, and of what it takes to compile it (a step
 * stands for 0.02 ms), found by one pass over its text. RE2 expands repetitions such as `(a?){1000}` to copies, so twelve
 * characters may become thousands of steps; the bound is known before the time to compile them is spent.
 */
export function patternSizeOf(source: string): number {
  const folds = FOLDS.test(source);
  const sums: number[] = [];
  let sum = GLUE_SIZE;
  let last = 0;
  // Not counted again by repetitions, which copy the compiled class.
  let classChars = 0;
  const add = (size: number): void => {
    sum += size;
    last = size;
  };
  for (let at = 0; at < source.length;) {
    const [text, count] = tokenAt(source, at);
    at += text.length;
    if (text === '(') {
      sums.push(sum);
      sum = GLUE_SIZE;
      last = 0;
    } else if (text === ')') {
      const group = sum;
      sum = sums.pop() ?? 0;
      add(group);
    } else if (count !== undefined) {
      const repeated = (last + GLUE_SIZE) * count;
      sum += repeated;
      last += repeated;
    } else {
      add(sizeOfToken(text, folds));
      if (text.startsWith('[')) classChars += text.length;
    }
  }
  const classes = Math.ceil(classChars / (folds ? 1 : CLASS_CHARS_A_STEP));
  return sums.reduce((total, outer) => total + outer, sum + classes);
}

/** The token at a position and, for a repetition, how often it repeats the token before it. */
function tokenAt(source: string, at: number): readonly [text: string, count?: number] {
  const char = source.charAt(at);
  if (char === '*' || char === '+' || char === '?') return [char, 1];
  if (char === '{') {
    const [text, min = '', comma, max = ''] = matchAt(COUNT, source, at) ?? [];
    if (text === undefined) return [char];
    const open = comma !== undefined && max === '';
    return [text, Math.max(Number(min), Number(max)) + (open ? 1 : 0)];
  }
  if (char === '[') return [classAt(source, at)];
  if (char !== '\\') return [char];
  const escape = [QUOTED, PROPERTY, ESCAPE].map((form) => matchAt(form, source, at)?.[0]);
  return [escape.find((text) => text !== undefined) ?? char];
}

/** A whole class `[…]`. One that is not closed is invalid and reaches to the end of the pattern. */
function classAt(source: string, from: number): string {
  let at = from + 1;
  if (source.charAt(at) === '^') at += 1;
  // As the first character of a class, `]` is literal.
  if (source.charAt(at) === ']') at += 1;
  for (; at < source.length && source.charAt(at) !== ']'; at += 1) {
    if (source.charAt(at) === '\\') at += 1;
    else if (source.startsWith('[:', at)) at = Math.max(at, source.indexOf(':]', at) + 1);
  }
  return source.slice(from, at + 1);
}

function matchAt(form: RegExp, source: string, at: number): RegExpExecArray | null {
  form.lastIndex = at;
  return form.exec(source);
}

function sizeOfToken(text: string, folds: boolean): number {
  if (text.startsWith('\\Q')) return text.length;
  if (text.startsWith('[')) return sizeOfClass(text, folds);
  if (/^\\p/i.test(text)) return PROPERTY_SIZE;
  return text === '|' ? GLUE_SIZE : 1;
}

function sizeOfClass(text: string, folds: boolean): number {
  const properties = text.match(/\\p/gi)?.length ?? 0;
  const ranges = folds && BEYOND_ASCII.test(text) ? (text.match(/-/g)?.length ?? 0) : 0;
  return 1 + properties * PROPERTY_SIZE + ranges * FOLDED_RANGE_SIZE;
}
