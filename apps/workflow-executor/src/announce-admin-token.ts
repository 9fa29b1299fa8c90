import { type AdminTokens } from '@app/auth';
import { type Log } from '@app/observability';
import { type MongoLink } from '@app/persistence';

/**
 * Makes the first administrator's token as soon as MongoDB is there, and prints it: once, to standard
 * output and not to the log, because logs are kept and shipped.
 */
export function announceAdminToken(tokens: AdminTokens, mongo: MongoLink, log: Log): void {
  mongo.onChange((available) => {
    if (!available) return;
    tokens.ensureFirst().then(
      (text) => {
        if (text !== undefined) process.stdout.write(announcement(text));
      },
      (err: unknown) => {
        log.warn(
          { err },
          "The administrator's token could not be looked at; next time MongoDB is there",
        );
      },
    );
  });
}

function announcement(text: string): string {
  return [
    '',
    "This is the administrator's token. It is shown this once and never again; keep it:",
    `  ${text}`,
    'It opens the API: Authorization: Bearer <token>',
    '',
    '',
  ].join('\n');
}
