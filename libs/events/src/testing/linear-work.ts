/** Numbers of repetitions at which even exponential work ends, and can be measured. */
const FEW = [24, 28, 32];

/** Each four times the one before. */
const CHARS = [6_400, 25_600, 102_400];

/** A shorter measurement is noise, in milliseconds; quadratic work at the last size takes seconds. */
const NOISE_MS = 12;

/** From one size to the next: linear work is 4 times as much, quadratic work 16 times. */
const GROWTH_MAX = 9;

/** Texts that make expressions and parsers backtrack: each is repeated, between a head and a tail. */
const UNITS = [
  ...[' ', ' \t', ';', '; ', '; @', '; a=b', ';a="', '\\', '\\"', '"', '%', '%41', 'a', '0', '-'],
  ...[
    '.',
    '/',
    ':',
    '@',
    '#',
    '?',
    '&a',
    '=',
    '+',
    '[',
    '{"a":',
    '"token":"',
    ',',
    '\u00e9',
    '\ud800',
  ],
];

/**
 * The texts with which the work of `read` grows faster than their length; none if it is linear. An error of `read`
 * counts as an answer.
 *
 * @param around what stands before and after the repeated part, so that it is met in its place
 */
export function shapesOfMoreThanLinearWork(
  read: (text: string) => unknown,
  around: readonly (readonly [head: string, tail: string])[] = [['', '']],
): readonly string[] {
  return around.flatMap(([head, tail]) =>
    UNITS.filter((unit) => isAlwaysMoreThanLinear(read, (n) => head + unit.repeat(n) + tail)).map(
      (unit) => JSON.stringify([head, unit, tail]),
    ),
  );
}

/** Work that really grows does so in each measurement; garbage collection and other load do not. */
const CONFIRMATIONS = 4;

function isAlwaysMoreThanLinear(...measured: Parameters<typeof isMoreThanLinear>): boolean {
  for (let at = 0; at < CONFIRMATIONS; at += 1) if (!isMoreThanLinear(...measured)) return false;
  return true;
}

/** By the CPU time of this process: waiting for a CPU does not count. */
function isMoreThanLinear(
  read: (text: string) => unknown,
  textOf: (repetitions: number) => string,
): boolean {
  const unitChars = textOf(1).length - textOf(0).length;
  let before = NOISE_MS;
  for (const repetitions of [...FEW, ...CHARS.map((chars) => Math.ceil(chars / unitChars))]) {
    const text = textOf(repetitions);
    const spent = cpuMs(() => read(text));
    if (spent > before * GROWTH_MAX) return true;
    before = Math.max(spent, NOISE_MS);
  }
  return false;
}

function cpuMs(work: () => unknown): number {
  const before = process.cpuUsage();
  try {
    work();
  } catch {
    // Refused: the time until then is what counts.
  }
  return process.cpuUsage(before).user / 1000;
}
