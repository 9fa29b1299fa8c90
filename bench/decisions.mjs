import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import http from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { builtApp, ensureBuild } from '../tools/project/build.mjs';
import { ApiClient } from '../tools/start/api-client.mjs';
import { executorSettings, listenerSettings } from '../tools/start/app-settings.mjs';
import { percentilesOf } from './load/percentiles.mjs';
import { median } from './median-round.mjs';
import { numberOption } from './number-option.mjs';
import { startBackends } from './system/backends.mjs';
import { startService } from './system/service.mjs';
import { WORKFLOW } from './system/workflow.mjs';

/*
 * Measures the cost of decisions about events, and what a flood leaves. First accepted events, with and without decisions
 * in turn; then a flood, half of it refused and half filtered.
 *
 *   node bench/decisions.mjs [--flood 1000000] [--seconds 5] [--rounds 4]
 */

const FLOOD = numberOption('flood', 1_000_000);
const SECONDS = numberOption('seconds', 5);
const ROUNDS = numberOption('rounds', 4);
const CONNECTIONS = 64;
const SECRET = randomBytes(32).toString('hex');

const TYPE = 'com.shop.order.placed';

const folder = await mkdtemp(path.join(tmpdir(), 'flow-eventing-bench-'));
await ensureBuild();
const backends = await startBackends(folder, '2m');
const settings = {
  mongodbUrl: backends.mongodbUrl('flow'),
  natsUrl: backends.natsUrl,
  driver: /** @type {const} */ ('nats'),
  internalSecret: SECRET,
  adminToken: SECRET,
};
const executor = await startService({
  name: 'executor',
  script: builtApp('workflow-executor'),
  env: (url) => executorSettings(settings, url),
  folder,
  operations: true,
});
/** @type {Record<string, Awaited<ReturnType<typeof startService>>>} */
const listeners = {};
for (const [name, perMinute] of Object.entries({ with: '60', without: '0' }))
  listeners[name] = await startService({
    name: `listener-${name}`,
    script: builtApp('listener'),
    env: () => ({
      ...listenerSettings(settings, executor.url),
      DECISIONS_PER_MINUTE_MAX: perMinute,
      LOG_LEVEL: 'error',
    }),
    folder,
    operations: true,
  });
const agent = new http.Agent({ keepAlive: true, maxSockets: CONNECTIONS });
const api = new ApiClient(executor.url, settings.adminToken);
let events = 0;
try {
  const filter = { exact: { type: TYPE } };
  await api.post('/api/v2/workflows', {
    ...WORKFLOW,
    triggers: { event: { enabled: true, filter } },
  });
  const created = await api.post(`/api/v2/workflows/${WORKFLOW.id}/tokens`, { label: 'bench' });
  const { token } = /** @type {{ token: string }} */ (created);
  await measureAccepting(token);
  await measureFlood(token);
} finally {
  agent.destroy();
  for (const listener of Object.values(listeners)) await listener.stop();
  await executor.stop();
  await backends.stop();
  await rm(folder, { recursive: true, force: true });
}

/** @param {string} token */
async function measureAccepting(token) {
  /** @type {Record<string, { rates: number[], p99: number[] }>} */
  const found = { with: { rates: [], p99: [] }, without: { rates: [], p99: [] } };
  for (let round = 0; round <= ROUNDS * 2; round += 1)
    for (const which of round % 2 === 0 ? ['with', 'without'] : ['without', 'with']) {
      const { rate, p99 } = await load(which, SECONDS * 1_000, Infinity, () =>
        send(which, token, TYPE, 202),
      );
      // The first round only warms up.
      if (round > 0) {
        found[which]?.rates.push(rate);
        found[which]?.p99.push(p99);
      }
    }
  for (const [which, { rates, p99 }] of Object.entries(found))
    say(
      `accepted ${which} decisions: ${median(rates).toFixed(0)}/s (${rates.map((one) => one.toFixed(0)).join(' ')}), p99 ${median(p99).toFixed(1)} ms`,
    );
}

/** @param {string} token */
async function measureFlood(token) {
  const before = await stored();
  const { rate } = await load('with', Infinity, FLOOD, () =>
    events % 2 === 0 ? send('with', 'nobodys', TYPE, 403) : send('with', token, 'other', 200),
  );
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  const after = await stored();
  say(
    `${FLOOD} refused and filtered at ${rate.toFixed(0)}/s left, in documents and bytes (with indexes on disk):`,
  );
  for (const name of /** @type {const} */ (['decisions', 'activities']))
    say(
      `  ${name}: ${after[name].count - before[name].count} documents, ${after[name].size - before[name].size} bytes (${after[name].disk} on disk)`,
    );
}

/** @returns {Promise<Record<'decisions' | 'activities', { count: number, size: number, disk: number }>>} */
async function stored() {
  const db = backends.mongodb.db('flow');
  await db.admin().command({ fsync: 1 });
  const of = async (/** @type {string} */ name) => {
    const found = await db.command({ collStats: name });
    const { count, size, totalSize } = /** @type {Record<string, number>} */ (found);
    return { count: count ?? 0, size: size ?? 0, disk: totalSize ?? 0 };
  };
  return { decisions: await of('decisions'), activities: await of('activities') };
}

/**
 * @param {string} which
 * @param {number} ms
 * @param {number} requests
 * @param {() => Promise<number>} sendOne
 */
async function load(which, ms, requests, sendOne) {
  const began = performance.now();
  /** @type {number[]} */
  const times = [];
  let sent = 0;
  const one = async () => {
    while (performance.now() - began < ms && sent < requests) {
      sent += 1;
      const took = await sendOne();
      if (times.length < 200_000) times.push(took);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, one));
  const { p99 } = percentilesOf(times);
  return { rate: (sent / (performance.now() - began)) * 1_000, p99, which };
}

/**
 * @param {string} which
 * @param {string} token
 * @param {string} type
 * @param {number} expected
 * @returns {Promise<number>} how long it took, in milliseconds
 */
function send(which, token, type, expected) {
  events += 1;
  const subject = `/${WORKFLOW.id}`;
  const body = JSON.stringify({
    specversion: '1.0',
    id: `${events}`,
    source: '/bench',
    type,
    subject,
    data: {},
  });
  const began = performance.now();
  return new Promise((resolve, reject) => {
    const headers = {
      'content-type': 'application/cloudevents+json',
      authorization: `Bearer ${token}`,
    };
    const url = `${listeners[which]?.url}/api/v2/event`;
    const request = http.request(url, { method: 'POST', agent, headers }, (response) => {
      response.resume().on('end', () => {
        if (response.statusCode !== expected) reject(new Error(`${response.statusCode}`));
        else resolve(performance.now() - began);
      });
    });
    request.on('error', reject).end(body);
  });
}

/** @param {string} line */
function say(line) {
  process.stdout.write(`${line}\n`);
}
