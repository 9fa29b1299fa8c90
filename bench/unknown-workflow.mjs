import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import http from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { ensureBuild } from '../tools/project/build.mjs';
import { startBackends } from './system/backends.mjs';
import { startFlow } from './system/flow.mjs';

/*
 * Checks that a sender with a wrong token or signature can't distinguish an existing workflow from an unknown one. It sends
 * requests to both, in random order, over one connection. It compares their times, the times of the requests that come
 * next, and every byte of the answers; then it does the same with MongoDB killed.
 *
 * It exits with 1 if there is a difference, and prints it.
 *
 *   npm run bench:unknown-workflow [requests]
 */

const REQUESTS = Number(process.argv[2] ?? 10_000);
const WITHOUT_MONGODB = Math.min(5_000, REQUESTS);
/** The number of requests of the warm-up, in which connections are opened and code is compiled. */
const WARM_UP = Math.min(1_000, REQUESTS);
/** The number of requests of each kind after which a request with the right token keeps the workflow in the cache. */
const RIGHT_EVERY = 50;
/**
 * The number of standard deviations from an even result that counts as a difference. By chance it is reached once in
 * 16,000 comparisons, and a run makes eight.
 */
const DEVIATIONS_MAX = 4;

/**
 * @typedef {{ ms: number, status: number, bytes: string }} Timed
 * @typedef {'known' | 'unknown'} Which
 * @typedef {(which: Which) => Promise<Timed>} Probe
 */

const folder = await mkdtemp(path.join(tmpdir(), 'flow-eventing-bench-'));
await ensureBuild();
const backends = await startBackends(folder, '2m');
const flow = await startFlow(backends, folder);
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
const authorization = flow.headers['authorization'] ?? '';
/** @type {Record<string, Probe>} */
const PROBES = { 'a wrong token': wrongToken, 'a wrong signature': wrongSignature };
/** One unknown id for all signatures, because MongoDB is read for an id once in a second. */
const UNKNOWN_ID = unknownId();
/** @type {string[]} */
const told = [];
try {
  for (const [title, probe] of Object.entries(PROBES)) {
    await compare(probe, WARM_UP);
    report(`${title}, MongoDB is there`, await compare(probe, REQUESTS));
  }
  process.kill(backends.pids.mongod, 'SIGKILL');
  for (const [title, probe] of Object.entries(PROBES))
    report(`${title}, MongoDB is gone`, await compare(probe, WITHOUT_MONGODB));
} finally {
  agent.destroy();
  await flow.stop();
  await backends.stop();
  await rm(folder, { recursive: true, force: true });
}
process.stdout.write(told.length === 0 ? 'Nothing can be told.\n' : `${told.join('\n')}\n`);
if (told.length > 0) process.exitCode = 1;

/**
 * @param {Probe} probe
 * @param {number} requests
 */
async function compare(probe, requests) {
  /** @type {{ which: Which, after: Which | undefined, timed: Timed }[]} */
  const answers = [];
  /** @type {Which | undefined} */
  let after;
  for (let index = 0; index < requests; index += 1) {
    if (index % RIGHT_EVERY === 0) {
      await sendEvent(flow.workflowId, authorization);
      after = undefined;
    }
    const which = Math.random() < 0.5 ? 'known' : 'unknown';
    answers.push({ which, after, timed: await probe(which) });
    after = which;
  }
  return answers;
}

/** An id of the same length, because the time to read a request depends on its length. */
function unknownId() {
  return randomBytes(32).toString('hex').slice(0, flow.workflowId.length);
}

/**
 * @param {string} title
 * @param {Awaited<ReturnType<typeof compare>>} answers
 */
function report(title, answers) {
  process.stdout.write(`${title}: ${answers.length} requests\n`);
  for (const by of /** @type {const} */ (['which', 'after'])) {
    const of = (/** @type {Which} */ wanted) =>
      answers.filter((one) => one[by] === wanted).map(({ timed }) => timed.ms);
    const times = { known: of('known'), unknown: of('unknown') };
    const what = by === 'which' ? 'the request itself' : 'the request that comes next';
    const deviation = Math.sqrt((1 / times.known.length + 1 / times.unknown.length) / 12);
    const chance = chanceThatFirstIsLarger(times.known, times.unknown);
    process.stdout.write(
      `  ${what}: P(known takes longer) = ${chance.toFixed(4)} ` +
        `(0.5: nothing to tell; 95 % of equal ones: 0.5 +- ${(1.96 * deviation).toFixed(4)})\n`,
    );
    if (!(Math.abs(chance - 0.5) <= DEVIATIONS_MAX * deviation))
      told.push(`${title}: ${what} tells by its time whether there is such a workflow`);
    for (const [name, values] of Object.entries(times))
      process.stdout.write(`    ${name}: ${summaryOf(values)}\n`);
  }
  const different = new Set(answers.map(({ timed }) => timed.bytes));
  process.stdout.write(`  answers: ${different.size} different\n`);
  if (different.size > 1) told.push(`${title}: the answers are not the same`);
  for (const bytes of different) process.stdout.write(`    ${JSON.stringify(bytes)}\n`);
}

/** @param {number[]} values in milliseconds */
function summaryOf(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const mean = values.reduce((sum, ms) => sum + ms, 0) / values.length;
  const at = [0.1, 0.25, 0.5, 0.75, 0.9, 0.99];
  const shown = at.map((share) => (sorted[Math.floor(sorted.length * share)] ?? NaN).toFixed(3));
  return `n ${values.length}, mean ${mean.toFixed(3)} ms; p10 p25 p50 p75 p90 p99 ${shown.join(' ')}`;
}

/**
 * The Mann-Whitney statistic as a share: the best success rate of a guess by the order of two times.
 *
 * @param {number[]} first
 * @param {number[]} second
 */
function chanceThatFirstIsLarger(first, second) {
  const all = [
    ...first.map((ms) => ({ ms, isFirst: true })),
    ...second.map((ms) => ({ ms, isFirst: false })),
  ].sort((a, b) => a.ms - b.ms);
  let smaller = 0;
  let pairs = 0;
  for (const { isFirst } of all) {
    if (isFirst) pairs += smaller;
    else smaller += 1;
  }
  return pairs / (first.length * second.length);
}

/** @type {Probe} */
function wrongToken(which) {
  const id = which === 'known' ? flow.workflowId : unknownId();
  return sendEvent(id, `Bearer bfw_${randomBytes(32).toString('base64url')}`);
}

/** @type {Probe} */
function wrongSignature(which) {
  const id = which === 'known' ? flow.workflowId : UNKNOWN_ID;
  const url = new URL(`/api/v2/webhook/github?ref=${id}`, flow.url);
  const signature = `sha256=${randomBytes(32).toString('hex')}`;
  const headers = { 'content-type': 'application/json', 'x-hub-signature-256': signature };
  return send(url, { ...headers, 'x-github-event': 'push' }, '{"ref":"refs/heads/main"}');
}

/**
 * @param {string} id
 * @param {string} credentials
 */
function sendEvent(id, credentials) {
  const eventId = randomBytes(8).toString('hex');
  const event = { specversion: '1.0', type: 'bench', source: '/bench', id: eventId };
  const body = JSON.stringify({ ...event, subject: `/${id}` });
  return send(new URL(flow.url), { ...flow.headers, authorization: credentials }, body);
}

/**
 * @param {URL} url
 * @param {Record<string, string>} headers
 * @param {string} body
 * @returns {Promise<Timed>} its bytes without the date
 */
function send(url, headers, body) {
  return new Promise((resolve, reject) => {
    const begun = performance.now();
    const request = http.request(url, { method: 'POST', agent, headers }, (response) => {
      /** @type {Buffer[]} */
      const chunks = [];
      response.on('data', (/** @type {Buffer} */ chunk) => chunks.push(chunk));
      response.on('end', () => {
        const ms = performance.now() - begun;
        const { statusCode: status = 0, rawHeaders } = response;
        const text = Buffer.concat(chunks).toString();
        resolve({ ms, status, bytes: [status, withoutDate(rawHeaders), text].join('\n') });
      });
    });
    request.on('error', reject);
    request.end(body);
  });
}

/** @param {string[]} rawHeaders names and values in turn */
function withoutDate(rawHeaders) {
  return rawHeaders
    .filter((_, at) => rawHeaders[at - (at % 2)]?.toLowerCase() !== 'date')
    .join(' ');
}
