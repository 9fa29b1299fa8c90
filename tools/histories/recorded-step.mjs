const EXECUTOR = '/bundles/workflow-executor/main.js';
/** The place where a driver calls the engine. A bundle may have renamed the functions. */
const CALL = /\b(advance\d*)(\(plan, ?from\d*, ?scope, ?inputs, ?now, ?outbox\))/;
const TEXT = /function (toJsonText\d*)\(/;

/**
 * Writes each step that changes the state as a line of JSON into a file of the process.
 *
 * @param {string} advance
 * @param {string} text
 */
function recorder(advance, text) {
  return `
import { appendFileSync as appendStep } from 'node:fs';
function recordedAdvance(plan, before, scope, inputs, now, pending) {
  const after = ${advance}(plan, before, scope, inputs, now, pending);
  if (after.state !== before || after.effects.length > 0 || after.outbox.length > 0) {
    const step = { activity: scope.context['workflowrun-ref'], scope, before, inputs, now, pending, after };
    appendStep(process.env['RECORD_STEPS'] + '/' + process.pid + '.jsonl', ${text}(step) + '\\n');
  }
  return after;
}
`;
}

/**
 * A module hook of Node. With it, an executor records each step of its runs together with the step's input.
 *
 * @type {import('node:module').LoadHook}
 */
export async function load(url, context, nextLoad) {
  const loaded = await nextLoad(url, context);
  if (!url.endsWith(EXECUTOR)) return loaded;
  const source = Buffer.from(/** @type {Uint8Array} */ (loaded.source)).toString();
  const [, advance] = CALL.exec(source) ?? [];
  const [, text] = TEXT.exec(source) ?? [];
  if (!advance || !text) throw new Error(`There is no ${CALL} or ${TEXT} in ${url} any more`);
  const recorded = source.replace(CALL, 'recordedAdvance$2');
  return { ...loaded, source: recorder(advance, text) + recorded };
}
