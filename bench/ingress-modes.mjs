import { createHmac, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import http from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { ensureBuild } from '../tools/project/build.mjs';
import { percentilesOf } from './load/percentiles.mjs';
import { median } from './median-round.mjs';
import { numberOption } from './number-option.mjs';
import { startBackends } from './system/backends.mjs';
import { startApps } from './system/flow.mjs';
import { startFloor } from './system/floors.mjs';
import { WORKFLOW } from './system/workflow.mjs';

/*
 * Measures what each mode of the ingress costs: requests a second and the 99th percentile of their times. The modes are
 * events in structured, binary and batch mode; a webhook with a token in the header, in the query and in a form; and a
 * webhook signed by GitHub. A bare POST of Fastify, which stores nothing, is measured with them. All take turns, each
 * round in another order. The events run, so executor, MongoDB and NATS use the same machine.
 *
 *   node bench/ingress-modes.mjs [--seconds 3] [--rounds 5]
 */

const SECONDS = numberOption('seconds', 3);
const ROUNDS = numberOption('rounds', 5);
const CONNECTIONS = 64;
const BATCH = 16;

/** @typedef {{ url: string, headers: Record<string, string>, body: string }} Sent */

/** @type {Record<string, string>} */
const STRUCTURED = { 'content-type': 'application/cloudevents+json' };
/** @type {Record<string, string>} */
const JSON_TYPE = { 'content-type': 'application/json' };
const DATA = { inputs: { key: 'value' }, note: 'x'.repeat(200) };

const folder = await mkdtemp(path.join(tmpdir(), 'flow-eventing-bench-'));
await ensureBuild();
const backends = await startBackends(folder, '2m');
const bare = await startFloor('bare-post', backends, folder);
const env = { LOG_LEVEL: 'error', SECRETS_KEY: randomBytes(32).toString('hex') };
const { listener, api, stop: stopApps } = await startApps(backends, folder, { env });
const agent = new http.Agent({ keepAlive: true, maxSockets: CONNECTIONS });
let events = 0;
try {
  await measure(await prepare());
} finally {
  agent.destroy();
  await stopApps();
  await bare.stop();
  await backends.stop();
  await rm(folder, { recursive: true, force: true });
}

/** @returns {Promise<Record<string, () => Sent>>} what is sent, by its name */
async function prepare() {
  const on = { enabled: true };
  await api.post('/api/v2/workflows', {
    ...WORKFLOW,
    triggers: { event: on, webhook: on, github: on },
  });
  const of = `/api/v2/workflows/${WORKFLOW.id}`;
  const issued = await api.post(`${of}/tokens`, { label: 'bench' });
  const made = await api.post(`${of}/secrets`, { label: 'bench', provider: 'github' });
  const { token } = /** @type {{ token: string }} */ (issued);
  const { secret } = /** @type {{ secret: string }} */ (made);
  return requestsOf(token, secret);
}

function attributes() {
  return {
    specversion: '1.0',
    id: `${(events += 1)}`,
    source: '/bench',
    type: 'com.shop.order.placed',
    subject: `/${WORKFLOW.id}`,
  };
}

function event() {
  return { ...attributes(), datacontenttype: 'application/json', data: DATA };
}

/**
 * @param {string} token
 * @param {string} secret
 * @returns {Record<string, () => Sent>}
 */
function requestsOf(token, secret) {
  const authorization = `Bearer ${token}`;
  const url = `${listener.url}/api/v2/event`;
  const body = () => JSON.stringify(event());
  const ceHeaders = () =>
    Object.fromEntries(Object.entries(attributes()).map(([name, text]) => [`ce-${name}`, text]));
  return {
    'bare POST': () => ({ url: bare.url, headers: STRUCTURED, body: body() }),
    structured: () => ({ url, headers: { ...STRUCTURED, authorization }, body: body() }),
    binary: () => ({
      url,
      headers: { ...JSON_TYPE, authorization, ...ceHeaders() },
      body: JSON.stringify(DATA),
    }),
    [`batch of ${BATCH}`]: () => ({
      url,
      headers: { 'content-type': 'application/cloudevents-batch+json', authorization },
      body: JSON.stringify(Array.from({ length: BATCH }, event)),
    }),
    'webhook with a token': () => ({
      url: `${listener.url}/api/v2/webhook?ref=${WORKFLOW.id}`,
      headers: { ...JSON_TYPE, authorization },
      body: JSON.stringify(DATA),
    }),
    'webhook with ?access_token': () => ({
      url: `${listener.url}/api/v2/webhook?ref=${WORKFLOW.id}&access_token=${token}`,
      headers: JSON_TYPE,
      body: JSON.stringify(DATA),
    }),
    'form with access_token': () => ({
      url: `${listener.url}/api/v2/webhook?ref=${WORKFLOW.id}`,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ access_token: token, note: DATA.note }).toString(),
    }),
    'webhook signed by GitHub': () => signed(secret),
  };
}

/**
 * @param {string} secret
 * @returns {Sent}
 */
function signed(secret) {
  const body = JSON.stringify(DATA);
  const mac = createHmac('sha256', secret).update(body).digest('hex');
  const headers = {
    ...JSON_TYPE,
    'x-github-event': 'push',
    'x-github-delivery': `${(events += 1)}`,
    'x-hub-signature-256': `sha256=${mac}`,
  };
  return { url: `${listener.url}/api/v2/webhook/github?ref=${WORKFLOW.id}`, headers, body };
}

/** @param {Record<string, () => Sent>} ways */
async function measure(ways) {
  /** @type {Record<string, { rates: number[], p99: number[] }>} */
  const found = {};
  const names = Object.keys(ways);
  for (let round = 0; round <= ROUNDS; round += 1)
    for (const at of names.keys()) {
      const name = names[(at + round) % names.length] ?? '';
      const { rate, p99 } = await load(ways[name] ?? (() => ({ url: '', headers: {}, body: '' })));
      // The first round only warms up.
      if (round === 0) continue;
      const of = (found[name] ??= { rates: [], p99: [] });
      of.rates.push(rate);
      of.p99.push(p99);
    }
  const floor = median(found['bare POST']?.rates ?? []);
  for (const name of names) {
    const { rates, p99 } = found[name] ?? { rates: [], p99: [] };
    const all = rates.map((rate) => rate.toFixed(0)).join(' ');
    say(
      `${name}: ${median(rates).toFixed(0)} requests/s (${all}), ${(median(rates) / floor).toFixed(2)} of the bare POST, p99 ${median(p99).toFixed(1)} ms`,
    );
  }
}

/** @param {() => Sent} next */
async function load(next) {
  const began = performance.now();
  /** @type {number[]} */
  const times = [];
  const one = async () => {
    while (performance.now() - began < SECONDS * 1_000) times.push(await send(next()));
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, one));
  const rate = (times.length / (performance.now() - began)) * 1_000;
  return { rate, p99: percentilesOf(times).p99 };
}

/**
 * @param {Sent} sent
 * @returns {Promise<number>} how long it took, in milliseconds
 */
function send({ url, headers, body }) {
  const began = performance.now();
  return new Promise((resolve, reject) => {
    const request = http.request(url, { method: 'POST', agent, headers }, (response) => {
      response.resume().on('end', () => {
        if (response.statusCode === 202) resolve(performance.now() - began);
        else reject(new Error(`${url} answered ${response.statusCode}`));
      });
    });
    request.on('error', reject).end(body);
  });
}

/** @param {string} line */
function say(line) {
  process.stdout.write(`${line}\n`);
}
