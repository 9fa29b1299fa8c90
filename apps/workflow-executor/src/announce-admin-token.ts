import { type AdminTokens } from '@app/auth';
import { Episode, type Log } from '@app/observability';
import { type MongoLink } from '@app/persistence';

const RETRY_MS = 1_000;

/**
 * Makes the first administrator's token as soon as MongoDB is reachable and prints it once. It goes to standard
 * output and not to the log, because logs are kept and shipped.
 */
export function announceAdminToken(tokens: AdminTokens, mongo: MongoLink, log: Log): void {
  const notLookedAt = new Episode(log, {
    began: "The administrator's token could not be looked at; trying again",
    ended: "The administrator's token could not be looked at for a while",
  });
  const announce = async (available: boolean): Promise<void> => {
    if (!available) return;
    try {
      const text = await tokens.ensureFirst();
      if (text !== undefined) process.stdout.write(announcement(text));
    } catch (err) {
      notLookedAt.occurred(() => ({ err }));
      setTimeout(() => void announce(mongo.available), RETRY_MS).unref();
    }
  };
  mongo.onChange((available) => void announce(available));
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
