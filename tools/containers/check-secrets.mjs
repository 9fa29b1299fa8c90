import { ComposeProject } from './compose-project.mjs';
import { FORMS } from './forms.mjs';

/**
 * Checks that compose refuses to start without one of the secrets, and names it.
 *
 * @param {import('../project/tally.mjs').Tally} tally
 */
export async function checkMissingSecrets(tally) {
  for (const form of FORMS) {
    await tally.check(`${form.file} names a secret that is missing`, async () => {
      const project = new ComposeProject(form);
      for (const secret of [
        'MONGODB_PASSWORD',
        'NATS_PASSWORD',
        'INTERNAL_SECRET',
        'ADMIN_TOKEN',
        'SECRETS_KEY',
      ]) {
        const { env } = project;
        project.env = { ...env, [secret]: '' };
        const { code, complaint } = await project.tryCompose('config', '--quiet');
        project.env = env;
        if (code === 0) throw new Error(`It does without ${secret}`);
        if (!complaint.includes(secret))
          throw new Error(`It does not name ${secret}: ${complaint}`);
      }
    });
  }
}
