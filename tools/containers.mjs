import { checkForm } from './containers/check-form.mjs';
import { ComposeProject, engineOrReason } from './containers/compose-project.mjs';
import { FORMS } from './containers/forms.mjs';
import { checkMissingSecrets } from './containers/check-secrets.mjs';
import { Tally } from './project/tally.mjs';

/**
 * `npm run check:containers` builds both images and runs both compose files on a real container engine, as an operator
 * would, in separate projects with their own volumes. `CHECK_CONTAINERS_OVERRIDES` names a folder with override files of
 * the same names, for an engine that gets its base images elsewhere.
 * Exits as `Tally` says; skipped if there is no engine.
 */

const tally = new Tally();
const missing = await engineOrReason();
if (missing === undefined) {
  await checkMissingSecrets(tally);
  for (const form of FORMS) await checkForm(new ComposeProject(form), form, tally);
} else {
  tally.skip(`no container was checked, because ${missing}`);
}
tally.close();
