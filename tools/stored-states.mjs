import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { startBackends } from '../bench/system/backends.mjs';
import { projectRoot } from './project/project-root.mjs';
import { say } from './project/say.mjs';
import { waitFor } from './project/wait-for.mjs';
import { startMember } from './rollout/member.mjs';
import { builtRelease, earlierRelease, removeRelease } from './rollout/release.mjs';
import { ApiClient } from './start/api-client.mjs';
import { executorSettings, listenerSettings } from './start/app-settings.mjs';
import { dump } from './stored-states/dump.mjs';
import { startHeldTarget } from './stored-states/held-target.mjs';
import { CALLED, storedRuns } from './stored-states/stored-runs.mjs';

/*
 * `node tools/stored-states.mjs --from <commit> --into <file>` writes what a release leaves in MongoDB when it is
 * killed while runs of all task types are under way: test/fixtures/README.md. Not part of `npm test`, which reads the
 * file: it needs the history, and builds that release.
 */

const { values } = parseArgs({
  options: {
    from: { type: 'string' },
    into: { type: 'string' },
    /** A folder where that commit is checked out and built already. */
    built: { type: 'string' },
  },
});
const { from, into } = values;
if (from === undefined || into === undefined)
  throw new Error('--from <commit> is the release that stores them, --into <file> where they go');

const DATABASE = 'flow_eventing';
/** The same for whoever goes on with the states. They protect nothing. */
const SECRETS = {
  internalSecret: 'internal-secret-of-stored-states',
  adminToken: 'administrator-token-of-stored-states',
};
const SECRETS_KEY = 'the key of the secrets of stored states';

const folder = await mkdtemp(path.join(tmpdir(), 'flow-eventing-stored-'));
/** @type {(() => Promise<unknown>)[]} */
const stops = [];
try {
  await writeFile(path.resolve(projectRoot, into), linesOf(await makeStates(from)));
  say(`${into} is written`);
} finally {
  for (const stop of stops.toReversed()) await stop();
  await rm(folder, { recursive: true, force: true });
}

/**
 * @param {string} from
 * @returns {Promise<Record<string, unknown>>}
 */
async function makeStates(from) {
  const release = await releaseOf(from);
  const backends = await startBackends(folder, '2m');
  stops.push(() => backends.stop());
  const target = await startHeldTarget();
  stops.push(() => target.stop());
  const system = {
    mongodbUrl: backends.mongodbUrl(DATABASE),
    natsUrl: backends.natsUrl,
    driver: /** @type {const} */ ('nats'),
    ...SECRETS,
  };
  const more = { SECRETS_KEY, HTTP_TASK_ALLOWED_NETWORKS: '127.0.0.0/8', SWEEP_INTERVAL_MS: '50' };
  const nowhere = 'http://127.0.0.1:1';
  const settings = { ...executorSettings(system, nowhere), ...more };
  const executor = await startMember('workflow-executor', release, settings, folder);
  stops.push(() => executor.stop());
  const listening = { ...listenerSettings(system, executor.url), SECRETS_KEY };
  const listener = await startMember('listener', release, listening, folder);
  stops.push(() => listener.stop());

  const api = new ApiClient(executor.url, SECRETS.adminToken);
  const { activities, workflows } = await bringAll(api, listener.url, target.url, executor);
  const states = await dump(backends.mongodb.db(DATABASE));
  const about = { release: release.name, madeAt: Date.now(), ...SECRETS, secretsKey: SECRETS_KEY };
  const text = JSON.stringify({ ...about, activities, workflows, ...states });
  /** @type {unknown} */
  const stored = JSON.parse(text.replaceAll(target.url, '{{target}}'));
  return /** @type {Record<string, unknown>} */ (stored);
}

/**
 * JSON with a document a line.
 *
 * @param {Record<string, unknown>} stored
 */
function linesOf({ collections, ...rest }) {
  const lists = Object.entries(/** @type {Record<string, unknown[]>} */ (collections));
  const texts = lists.map(([name, documents]) => {
    const lines = documents.map((document) => JSON.stringify(document));
    return `${JSON.stringify(name)}: [\n${lines.join(',\n')}\n]`;
  });
  const about = Object.entries(rest).map(
    ([name, value]) => `${JSON.stringify(name)}: ${JSON.stringify(value)}`,
  );
  return `{\n${[...about, `"collections": {\n${texts.join(',\n')}\n}`].join(',\n')}\n}\n`;
}

/** @param {string} from */
async function releaseOf(from) {
  if (values.built !== undefined) return builtRelease(from, path.resolve(values.built));
  const worktree = path.join(folder, 'earlier');
  stops.push(() => removeRelease(worktree));
  return earlierRelease(from, worktree);
}

/**
 * Each run to where it is to be found, and the executor is killed.
 *
 * @param {ApiClient} api
 * @param {string} listenerUrl
 * @param {string} targetUrl
 * @param {import('./rollout/member.mjs').Member} executor
 */
async function bringAll(api, listenerUrl, targetUrl, executor) {
  await api.put('/api/v2/parameters/region', { value: 'north' });
  await api.put('/api/v2/task-secrets/ops', { value: `whsec_${btoa('a key that signs states ')}` });
  const called = { tasks: { work: { 'wait-for-event': 'go' } } };
  const runs = storedRuns(targetUrl);
  const all = { [CALLED]: called, ...mapOf(runs, ({ workflow }) => workflow) };
  /** @type {Record<string, { id: string, token: string }>} */
  const workflows = {};
  for (const [name, workflow] of Object.entries(all))
    workflows[name] = await createWorkflow(api, name, workflow);
  /** @type {Record<string, string>} */
  const activities = {};
  for (const [name, run] of Object.entries(runs)) {
    const workflow = workflows[name] ?? { id: '', token: '' };
    if (run.at === 'queued') await executor.kill();
    const id = await begin(listenerUrl, name, workflow);
    activities[name] = id;
    if (run.at === 'queued') continue;
    for (const step of run.steps ?? []) {
      await untilAt(api, id, undefined, step.in);
      const { post, topic, body } = step;
      if (post !== undefined) await api.post(`/api/v2/activities/${id}${post}`, body);
      if (topic !== undefined) await tell(listenerUrl, id, topic, workflow.token, body);
    }
    await untilAt(api, id, run.at, run.task);
    say(`${name}: ${run.at}`);
  }
  return { activities, workflows };
}

/**
 * @param {ApiClient} api
 * @param {string} name
 * @param {Record<string, unknown>} workflow
 */
async function createWorkflow(api, name, workflow) {
  const triggers = {
    event: { enabled: true },
    webhook: { enabled: true },
    task: { enabled: true },
  };
  const params = { n: { default: 0 } };
  const created = await api.post('/api/v2/workflows', {
    id: name,
    name,
    triggers,
    params,
    ...workflow,
  });
  const { id } = /** @type {{ id: string }} */ (created);
  const issued = await api.post(`/api/v2/workflows/${id}/tokens`, { label: 'stored' });
  return { id, token: /** @type {{ token: string }} */ (issued).token };
}

/**
 * @param {string} listenerUrl
 * @param {string} name
 * @param {{ id: string, token: string }} workflow
 * @returns {Promise<string>} the id of the activity
 */
async function begin(listenerUrl, name, { id: workflow, token }) {
  const event = { specversion: '1.0', id: name, source: '/stored', type: 'com.example.stored' };
  const subject = `/${workflow}`;
  const response = await fetch(`${listenerUrl}/api/v2/event`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/cloudevents+json',
    },
    body: JSON.stringify({ ...event, subject, data: { n: 7 } }),
  });
  const body = await response.text();
  if (response.status !== 202) throw new Error(`${name}: ${response.status} ${body}`);
  /** @type {unknown} */
  const receipt = JSON.parse(body);
  return /** @type {{ activityid: string }} */ (receipt).activityid;
}

/**
 * @param {string} listenerUrl
 * @param {string} id
 * @param {string} topic
 * @param {string} token
 * @param {object} body
 */
async function tell(listenerUrl, id, topic, token, body) {
  const response = await fetch(`${listenerUrl}/api/v2/callback?ref=${id}&topic=${topic}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (response.status !== 202) throw new Error(`${topic} of ${id}: ${response.status}`);
}

/**
 * @param {ApiClient} api
 * @param {string} id
 * @param {string | undefined} at a final status, or the kind of what it waits for; undefined for any
 * @param {string | undefined} task
 */
async function untilAt(api, id, at, task) {
  await waitFor(`${at} of ${id}`, async () => {
    const found = /** @type {{ status: string, waitingFor?: { kind: string, task: string }[] }} */ (
      await api.get(`/api/v2/activities/${id}`)
    );
    const { status, waitingFor = [] } = found;
    if (task === undefined) return status === at ? true : undefined;
    const isThere = waitingFor.some(
      (wait) => wait.task === task && (at === undefined || wait.kind === at),
    );
    return isThere ? true : undefined;
  });
}

/**
 * @template T, U
 * @param {Readonly<Record<string, T>>} all
 * @param {(one: T) => U} what
 * @returns {Record<string, U>}
 */
function mapOf(all, what) {
  return Object.fromEntries(Object.entries(all).map(([name, one]) => [name, what(one)]));
}
