import { chain, httpTask, setProperty } from '../support/definitions.js';
import { REFUSES_FIRST } from './side-effects.js';

type Definition = Readonly<Record<string, unknown>>;

/** Enough for a run that is hit again and again. */
const RETRY = { attemptsMax: 50, backoff: 'fixed', delayMs: 200, delayMsMax: 200 };
const CALL_MS_MAX = 3_000;

/** The tasks below that have a side effect. */
export const CALLING_TASKS: ReadonlySet<string> = new Set(['first', 'second', 'stubborn']);

/** Pure tasks only; two calls, one after the other; a call that is refused before it is taken. */
export function chaosWorkflows(targetUrl: string): readonly Definition[] {
  const call = (name: string, path: string): Definition => {
    const params = { method: 'POST', url: targetUrl + path, body: { n: '$(params.n)' } };
    return httpTask(name, params, { retry: RETRY, timeoutMs: CALL_MS_MAX });
  };
  return [
    chain('pure', [setProperty('keep', 'kept', '$(params.n)')]),
    chain('two-calls', [call('first', '/first'), call('second', '/second')]),
    chain('refused-first', [call('stubborn', REFUSES_FIRST)]),
  ];
}
