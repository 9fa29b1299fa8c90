import { waitFor } from '../project/wait-for.mjs';
import { docker } from './compose-project.mjs';
import { Flow } from './flow.mjs';

const APPS = ['listener', 'workflow-executor'];
const EVENTS = 20;
const LARGE_EVENTS = 300;
const LARGE_EVENT_BYTES = 1_000_000;
/** The files with the memory limit of a container, by the version of cgroups. */
const PEAK =
  'cat /sys/fs/cgroup/memory.peak || cat /sys/fs/cgroup/memory/memory.max_usage_in_bytes';
const MEBIBYTE = 1024 * 1024;
/** An idle container that takes longer to stop than this was killed. */
const STOP_MS_MAX = 10_000;

/**
 * @param {import('./compose-project.mjs').ComposeProject} project
 * @param {import('./forms.mjs').Form} form
 * @param {import('../project/tally.mjs').Tally} tally
 */
export async function checkForm(project, form, tally) {
  const flow = new Flow(project);
  /** @type {(name: string, run: () => Promise<unknown>) => Promise<boolean>} */
  const check = (name, run) => tally.check(`${form.name}: ${name}`, run);
  /** @param {readonly string[]} args */
  const compose = async (...args) => {
    await project.compose(...args);
  };
  await project.choosePorts();
  try {
    // Without them nothing else can be checked.
    if (!(await check('both images are built', () => compose('build')))) return;
    if (!(await check('up', () => compose('up', '--wait')))) return;
    await check('the first workflow, at once', async () => {
      await flow.begin();
      const status = await flow.send();
      if (status !== 202) throw new Error(`The first event was answered with ${status}`);
    });
    await check('events', () => sendMany(flow));
    await check('300 events of 1 MB at once', () => sendLarge(project, flow));
    for (const service of form.killed) {
      await check(`${service} is killed`, () => killed(project, flow, service));
    }
    await check('two listeners, three executors', () => scaled(project, flow));
    await check('nobody runs as root or as process 1', () => underInit(project));
    await check('each app stops, also just after its start', () => stopsEarly(project));
    await check('down and up: everything is still there', () => downAndUp(project, flow));
    await check('no anonymous volume stays', () => noAnonymousVolume(project));
    await check('a wrong password is said', () => wrongPassword(project));
  } finally {
    await check('everything goes', () => project.remove());
  }
}

/** @param {Flow} flow */
async function sendMany(flow) {
  const answers = await Promise.all(Array.from({ length: EVENTS }, () => flow.send()));
  const others = answers.filter((status) => status !== 202);
  if (others.length > 0) throw new Error(`Answers were ${others.join(', ')}`);
  return flow.allSucceeded();
}

/**
 * Sends more than fits into the container of a listener: requests without room get 503, and no process is killed.
 *
 * @param {import('./compose-project.mjs').ComposeProject} project
 * @param {Flow} flow
 */
async function sendLarge(project, flow) {
  const before = await startsOf(project);
  // A sender that is refused in the middle of a body may see the end of the connection before the answer.
  const answers = await Promise.all(
    Array.from({ length: LARGE_EVENTS }, () => flow.send(LARGE_EVENT_BYTES).catch(() => 503)),
  );
  const others = answers.filter((status) => status !== 202 && status !== 503);
  if (others.length > 0) throw new Error(`Answers were ${others.join(', ')}`);
  const succeeded = await flow.allSucceeded();
  if ((await startsOf(project)) !== before) throw new Error('An app was started again');
  const peaks = [];
  for (const app of APPS) {
    const printed = await project.compose('exec', '-T', app, 'sh', '-c', PEAK);
    peaks.push(`${app} ${Math.round(Number(printed) / MEBIBYTE)} MiB`);
  }
  return `${succeeded}; most memory, page cache included: ${peaks.join(', ')}`;
}

/** @param {import('./compose-project.mjs').ComposeProject} project */
async function startsOf(project) {
  const format = '{{.State.StartedAt}} {{.State.OOMKilled}}';
  const starts = await Promise.all(
    APPS.map(async (app) => docker(['inspect', '--format', format, await project.container(app)])),
  );
  return starts.map(({ printed }) => printed).join();
}

/**
 * @param {import('./compose-project.mjs').ComposeProject} project
 * @param {Flow} flow
 * @param {string} service
 */
async function killed(project, flow, service) {
  await project.compose('kill', '--signal', 'SIGKILL', service);
  // The engine takes `kill` of a container for an intended stop, and would not restart it.
  await project.compose('up', '--wait', '--no-recreate');
  await flow.sendUntilAccepted();
  return flow.allSucceeded();
}

/**
 * @param {import('./compose-project.mjs').ComposeProject} project
 * @param {Flow} flow
 */
async function scaled(project, flow) {
  const scale = ['--scale', 'listener=2', '--scale', 'workflow-executor=3'];
  await project.compose('up', '--wait', '--no-recreate', ...scale);
  await sendMany(flow);
  await docker(['kill', await project.container('listener')]);
  await flow.sendUntilAccepted();
  await project.compose('up', '--wait', '--no-recreate');
  return flow.allSucceeded();
}

/** @param {import('./compose-project.mjs').ComposeProject} project */
async function underInit(project) {
  for (const app of APPS) {
    const first = await project.compose('exec', '-T', app, 'cat', '/proc/1/comm');
    if (first.trim() !== 'tini') throw new Error(`Process 1 of ${app} is ${first}`);
    const user = await project.compose('exec', '-T', app, 'id', '-u');
    if (user.trim() !== '1000') throw new Error(`${app} runs as ${user}`);
    const npm = await project.tryCompose('exec', '-T', app, 'sh', '-c', 'command -v npm');
    if (npm.code === 0) throw new Error(`${app} has npm`);
  }
}

/** @param {import('./compose-project.mjs').ComposeProject} project */
async function stopsEarly(project) {
  /** @type {string[]} */
  const seen = [];
  for (const app of APPS) {
    const id = await project.container(app);
    for (const afterMs of [0, 50, 200, 1_000]) {
      await docker(['restart', '--time', '30', id]);
      await new Promise((resolve) => setTimeout(resolve, afterMs));
      const began = performance.now();
      await docker(['stop', '--time', '30', id]);
      const tookMs = Math.round(performance.now() - began);
      if (tookMs > STOP_MS_MAX)
        throw new Error(`${app} took ${tookMs} ms, ${afterMs} ms after its start`);
      seen.push(`${tookMs} ms`);
    }
  }
  await project.compose('up', '--wait');
  return seen.join(', ');
}

/**
 * @param {import('./compose-project.mjs').ComposeProject} project
 * @param {Flow} flow
 */
async function downAndUp(project, flow) {
  await project.compose('down');
  await project.compose('up', '--wait');
  const status = await flow.send();
  if (status !== 202) throw new Error(`The first event was answered with ${status}`);
  return flow.allSucceeded();
}

/** @param {import('./compose-project.mjs').ComposeProject} project */
async function noAnonymousVolume(project) {
  const services = (await project.compose('config', '--services')).trim().split('\n');
  for (const service of services) {
    const format = '{{range .Mounts}}{{if eq .Type "volume"}}{{.Name}} {{end}}{{end}}';
    const mounts = await docker(['inspect', '--format', format, await project.container(service)]);
    if (/\b[0-9a-f]{64}\b/.test(mounts.printed))
      throw new Error(`${service} has one: ${mounts.printed}`);
  }
}

/** @param {import('./compose-project.mjs').ComposeProject} project */
async function wrongPassword(project) {
  const { env } = project;
  for (const [secret, store] of /** @type {const} */ ([
    ['MONGODB_PASSWORD', 'MongoDB'],
    ['NATS_PASSWORD', 'NATS'],
  ])) {
    project.env = { ...env, [secret]: 'wrong' };
    // Only the app is recreated, so that the store keeps the right password.
    await project.compose('up', '-d', '--no-deps', 'workflow-executor');
    await waitFor(
      `the executor to say why it does not reach ${store}`,
      async () => {
        const said = await project.logs('workflow-executor');
        return new RegExp(`auth.*${store} is`, 'i').test(said) || undefined;
      },
      { timeoutMs: 60_000 },
    );
    project.env = env;
  }
}
