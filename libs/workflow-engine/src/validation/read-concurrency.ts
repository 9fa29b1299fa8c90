import { SLOT_KEY_CHARS_MAX, SLOTS_MAX } from '../bounds.js';
import { type Concurrency, WHEN_FULL } from '../definition/definition.js';
import { type Reference } from '../parameters/reference.js';
import { parseTemplate, referencesIn } from '../parameters/template.js';
import { Members } from './members.js';
import { type ProblemList } from './problem-list.js';

/** How many runs may be under way at once; undefined where the definition says nothing of it. */
export function readConcurrency(
  definition: Members,
  problems: ProblemList,
): Concurrency | undefined {
  const written = definition.value('concurrency');
  if (written === undefined) return undefined;
  const path = 'concurrency';
  const members = new Members(written, path, ['key', 'limit', 'whenFull'], problems);
  const key = members.text('key', SLOT_KEY_CHARS_MAX);
  const limit = members.integer('limit', { min: 1, max: SLOTS_MAX });
  // There is one way so far, and what says the same as nothing is not kept.
  if (members.value('whenFull') !== undefined) members.oneOf('whenFull', WHEN_FULL);
  if (key !== undefined) checkKey(key, `${path}.key`, problems);
  return {
    ...(key !== undefined && { key }),
    ...(limit !== undefined && { limit }),
  };
}

/** It is resolved before any task has run, and it is shown. */
function checkKey(key: string, path: string, problems: ProblemList): void {
  const template = parseTemplate(key, path, (at, detail) => {
    problems.add(at, detail);
  });
  for (const reference of referencesIn(template)) {
    const problem = problemOf(reference);
    if (problem !== undefined) problems.add(path, `${reference.text}: ${problem}`);
  }
}

function problemOf({ from, asUrl }: Reference): string | undefined {
  if (from === 'task') return 'it is needed before any task has run';
  if (from === 'secret') return 'a key is shown, so a secret can not be in it';
  return asUrl ? '"url:" has a meaning only where values are encoded, in a URL' : undefined;
}
