import { DEBOUNCE_MS_MAX, SLOT_KEY_CHARS_MAX, SLOTS_MAX, THROTTLE_MS_MAX } from '../bounds.js';
import { type Concurrency, WHEN_FULL } from '../definition/definition.js';
import { type Reference } from '../parameters/reference.js';
import { isSecretParam } from '../parameters/typed-params.js';
import { callsIn, parseTemplate, referencesIn } from '../parameters/template.js';
import { Members } from './members.js';
import { type ProblemList } from './problem-list.js';

const MEMBERS = ['key', 'limit', 'whenFull', 'debounceMs', 'throttleMs'];

/** The bound of concurrent runs of an untrusted definition; undefined if it has no `concurrency`. */
export function readConcurrency(
  definition: Members,
  secretParams: ReadonlySet<string>,
  problems: ProblemList,
): Concurrency | undefined {
  const written = definition.value('concurrency');
  if (written === undefined) return undefined;
  const path = 'concurrency';
  const members = new Members(written, path, MEMBERS, problems);
  const key = members.text('key', SLOT_KEY_CHARS_MAX);
  const limit = members.integer('limit', { min: 1, max: SLOTS_MAX });
  const whenFull =
    members.value('whenFull') === undefined ? undefined : members.oneOf('whenFull', WHEN_FULL);
  const debounceMs = members.integer('debounceMs', { min: 1, max: DEBOUNCE_MS_MAX });
  const throttleMs = members.integer('throttleMs', { min: 1, max: THROTTLE_MS_MAX });
  if (key !== undefined) checkKey(key, `${path}.key`, secretParams, problems);
  if (debounceMs !== undefined && (whenFull === 'cancel-new' || whenFull === 'join-waiting')) {
    members.reject(
      'whenFull',
      `can't be ${whenFull} with debounce, which keeps the newest waiting`,
    );
  }
  return {
    ...(key !== undefined && { key }),
    ...(limit !== undefined && { limit }),
    // A default is not kept, so that equal definitions have one form.
    ...(whenFull !== undefined && whenFull !== 'queue' && { whenFull }),
    ...(debounceMs !== undefined && { debounceMs }),
    ...(throttleMs !== undefined && { throttleMs }),
  };
}

/** It is resolved before any task has run, and it is shown. */
function checkKey(
  key: string,
  path: string,
  secretParams: ReadonlySet<string>,
  problems: ProblemList,
): void {
  const template = parseTemplate(key, path, (at, detail) => {
    problems.add(at, detail);
  });
  for (const reference of referencesIn(template)) {
    const problem = problemOf(reference, secretParams);
    if (problem !== undefined) problems.add(path, `${reference.text}: ${problem}`);
  }
  const now = callsIn(template).find(({ name }) => name === 'now');
  if (now) problems.add(path, `${now.text}: a run has not begun when its key is made`);
}

function problemOf(reference: Reference, secretParams: ReadonlySet<string>): string | undefined {
  const { from, asUrl } = reference;
  if (from === 'task') return 'it is needed before any task has run';
  if (from === 'secret' || isSecretParam(reference, secretParams))
    return "a key is shown, so a secret can't be in it";
  return asUrl ? '"url:" has a meaning only where values are encoded, in a URL' : undefined;
}
