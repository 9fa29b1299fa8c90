import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import http from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { ensureBuild } from '../tools/project/build.mjs';
import { percentilesOf } from './load/percentiles.mjs';
import { startBackends } from './system/backends.mjs';
import { startFlow } from './system/flow.mjs';

/*
 * Whether a sender with a wrong token can tell a workflow that there is from one that there is not:
 * requests to both in turn over one connection, each with a token of its own, compared by their
 * times and by every byte of their answers; then the same with MongoDB killed.
 *
 *   npm run bench:unknown-workflow [requests]
 */

const REQUESTS = Number(process.argv[2] ?? 10_000);
const WITHOUT_MONGODB = Math.min(200, REQUESTS);
/** Requests before those that count: connections are opened and code is compiled. */
const WARM_UP = Math.min(1_000, REQUESTS);
/** After so many of both, somebody with the right token keeps the workflow in the cache. */
const RIGHT_EVERY = 50;

/** @typedef {{ ms: number, status: number, bytes: string }} Timed */

const folder = await mkdtemp(path.join(tmpdir(), 'flow-eventing-bench-'));
await ensureBuild();
const backends = await startBackends(folder, '2m');
const flow = await startFlow(backends, folder);
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
try {
  await compare('warming up', WARM_UP);
  await compare('MongoDB is there', REQUESTS);
  process.kill(backends.pids.mongod, 'SIGKILL');
  await compare('MongoDB is gone', WITHOUT_MONGODB);
} finally {
  agent.destroy();
  await flow.stop();
  await backends.stop();
  await rm(folder, { recursive: true, force: true });
}

/**
 * @param {string} title
 * @param {number} requests
 */
async function compare(title, requests) {
  /** @type {Record<'known' | 'unknown', Timed[]>} */
  const answers = { known: [], unknown: [] };
  const authorization = flow.headers['authorization'] ?? '';
  for (let index = 0; index < requests / 2; index += 1) {
    if (index % RIGHT_EVERY === 0) await send(flow.workflowId, authorization);
    // Who comes first is left to chance: the second may find a warmer machine.
    const order = /** @type {const} */ (['known', 'unknown']);
    for (const which of Math.random() < 0.5 ? order : order.toReversed()) {
      // Of the same length, because the answer of neither has it, but the time of reading might.
      const id = which === 'known' ? flow.workflowId : unknownId();
      const token = `Bearer bfw_${randomBytes(32).toString('base64url')}`;
      answers[which].push(await send(id, token));
    }
  }
  report(title, answers);
}

function unknownId() {
  return randomBytes(32).toString('hex').slice(0, flow.workflowId.length);
}

/**
 * @param {string} title
 * @param {Record<'known' | 'unknown', Timed[]>} answers
 */
function report(title, { known, unknown }) {
  const times = { known: known.map(({ ms }) => ms), unknown: unknown.map(({ ms }) => ms) };
  process.stdout.write(`${title}: ${known.length} + ${unknown.length} requests\n`);
  for (const [which, values] of Object.entries(times)) {
    const sorted = values.toSorted((a, b) => a - b);
    const mean = values.reduce((sum, ms) => sum + ms, 0) / values.length;
    const at = (/** @type {number} */ share) => sorted[Math.floor(sorted.length * share)] ?? NaN;
    const { p50, p99 } = percentilesOf(values.slice());
    const shown = [at(0.1), at(0.25), p50, at(0.75), at(0.9), p99].map((ms) => ms.toFixed(3));
    process.stdout.write(
      `  ${which}: mean ${mean.toFixed(3)} ms; p10 p25 p50 p75 p90 p99 ${shown.join(' ')}\n`,
    );
  }
  const different = new Set([...known, ...unknown].map(({ bytes }) => bytes));
  const guesses = chanceThatFirstIsLarger(times.known, times.unknown);
  process.stdout.write(
    `  P(known takes longer than unknown) = ${guesses.toFixed(4)} (0.5: nothing to tell; ` +
      `95 % of equal ones: 0.5 +- ${(1.96 / Math.sqrt(6 * times.known.length)).toFixed(4)})\n` +
      `  answers: ${different.size} different\n`,
  );
  for (const bytes of different) process.stdout.write(`    ${JSON.stringify(bytes)}\n`);
}

/**
 * The Mann-Whitney statistic as a share: the best that somebody can do who guesses by the order of
 * two times.
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

/**
 * @param {string} id
 * @param {string} authorization
 * @returns {Promise<Timed>} its bytes without the date
 */
function send(id, authorization) {
  const body = JSON.stringify({
    specversion: '1.0',
    type: 'bench',
    source: '/bench',
    id: randomBytes(8).toString('hex'),
    subject: `/${id}`,
  });
  return new Promise((resolve, reject) => {
    const begun = performance.now();
    const request = http.request(
      flow.url,
      { method: 'POST', agent, headers: { ...flow.headers, authorization } },
      (response) => {
        /** @type {Buffer[]} */
        const chunks = [];
        response.on('data', (/** @type {Buffer} */ chunk) => chunks.push(chunk));
        response.on('end', () => {
          const ms = performance.now() - begun;
          const { statusCode: status = 0, rawHeaders } = response;
          const text = Buffer.concat(chunks).toString();
          resolve({ ms, status, bytes: [status, withoutDate(rawHeaders), text].join('\n') });
        });
      },
    );
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
