import { changeExecutor } from '../project/changed-executor.mjs';

/**
 * An executor that is started with `--import` of this file records each step of its runs that changes the state,
 * together with the step's input: a line of JSON in a file of the process in the folder `RECORD_STEPS`. The apps have no
 * code for it.
 */

/** The place where a driver calls the engine. A bundle may have renamed the functions. */
const CALL = /\b(advance\d*)(\(plan, ?from\d*, ?scope, ?inputs, ?now, ?outbox\))/;
const TEXT = /function (toJsonText\d*)\(/;
const STRICT = "'use strict';";

changeExecutor((bundle) => {
  const [, advance] = CALL.exec(bundle) ?? [];
  const [, text] = TEXT.exec(bundle) ?? [];
  if (!advance || !text || !bundle.includes(STRICT))
    throw new Error(`There is no ${CALL}, ${TEXT} or ${STRICT} in the executor any more`);
  return bundle
    .replace(CALL, 'recordedAdvance$2')
    .replace(STRICT, () => `${STRICT}${recorder(advance, text)}`);
});

/**
 * @param {string} advance
 * @param {string} text
 */
function recorder(advance, text) {
  return `
const { appendFileSync: appendStep } = require('node:fs');
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
