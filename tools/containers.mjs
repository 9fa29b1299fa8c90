import process from 'node:process';
import { checkForm } from './containers/check-form.mjs';
import { ComposeProject, engineOrReason } from './containers/compose-project.mjs';
import { FORMS } from './containers/forms.mjs';
import { checkMissingSecrets } from './containers/check-secrets.mjs';
import { Tally } from './project/tally.mjs';
import { say } from './project/say.mjs';

/**
 * `npm run check:containers`: builds both images and runs both compose files on a real engine, as an operator
 * would, in projects and with volumes of its own. `CHECK_CONTAINERS_OVERRIDES` names a folder with files of the
 * same names that are laid over them, for an engine that gets its base images elsewhere.
 *
 * Exits with 0 if all was well, 1 if something was not, 77 if there is no engine and nothing was checked.
 * The last line on standard output says how many checks passed, failed and were skipped.
 */

const SKIPPED = 77;

const tally = new Tally();
const missing = await engineOrReason();
if (missing === undefined) {
  await checkMissingSecrets(tally);
  for (const form of FORMS) await checkForm(new ComposeProject(form), form, tally);
} else {
  say('*'.repeat(78));
  say(`SKIPPED: no container was checked, because ${missing}`);
  say('*'.repeat(78));
  tally.skipped += 1;
}
process.stdout.write(`${tally.passed} passed, ${tally.failed} failed, ${tally.skipped} skipped\n`);
process.exitCode = missing === undefined ? Number(tally.failed > 0) : SKIPPED;
