import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { projectRoot } from './project/project-root.mjs';
import { messageOf, say } from './project/say.mjs';
import { waitFor } from './project/wait-for.mjs';
import { describeActivity, isAtRest } from './start/activity-table.mjs';
import { ApiClient } from './start/api-client.mjs';
import { findStart } from './start/saved-start.mjs';

const USAGE = 'Usage: node tools/activity.mjs <activity id> [--data-dir <folder of npm start>]';

/** Shows one activity of a system that `npm start` runs, task by task: once it has ended, or with what it waits for. */
try {
  process.stdout.write(await showActivity(process.argv.slice(2)));
} catch (error) {
  say(messageOf(error));
  process.exitCode = 1;
}

/**
 * @param {string[]} args
 * @returns {Promise<string>}
 */
async function showActivity(args) {
  const { positionals, values } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      'data-dir': { type: 'string', default: path.join(projectRoot, '.data') },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return `${USAGE}\n`;
  const [id] = positionals;
  if (!id || positionals.length > 1) throw new Error(USAGE);
  const folder = values['data-dir'];
  const start = findStart(folder);
  if (!start?.executorUrl)
    throw new Error(`Nothing was started with the data folder ${folder} yet`);
  const api = new ApiClient(start.executorUrl, start.adminToken);
  const look = async () =>
    /** @type {import('./start/activity-table.mjs').Activity} */ (
      await api.get(`/api/v2/activities/${encodeURIComponent(id)}`)
    );
  const first = await look();
  const last = isAtRest(first)
    ? first
    : await waitFor('the activity to end or to wait', async () => {
        const found = await look();
        return isAtRest(found) ? found : undefined;
      });
  return describeActivity(last);
}
