import { connect, type Socket } from 'node:net';
import { jest } from '@jest/globals';
import { waitFor } from '../tools/project/wait-for.mjs';
import { keepingWorkflow } from './support/definitions.js';
import { AS_IN_CONTAINER, CONTAINER_BYTES, MEBIBYTE } from './support/container-memory.js';
import { type CreatedWorkflow } from './support/flow-api.js';
import { FlowSystem } from './support/flow-system.js';
import { metricOf } from './support/metric.js';
import { forgetPeak, peakMemoryBytes } from './support/peak-memory.js';
import { rawRequest, requestHead } from './support/raw-request.js';
import { newEvent } from './support/sample-event.js';
import { sendStructured } from './support/send.js';

jest.setTimeout(300_000);

const STRUCTURED = 'Content-Type: application/cloudevents+json';
const LARGE = 'x'.repeat(MEBIBYTE - 2_000);
/** As large as an event may be by default: a text, and nearly as many members as it may have. */
const LARGEST = { text: 'x'.repeat(4 * MEBIBYTE - 2_000) };
const MANY = Object.fromEntries(
  Array.from({ length: 49_000 }, (_, n) => [`member ${n}`, [`${n}`.padEnd(60, '.')]]),
);

let system: FlowSystem;
let workflow: CreatedWorkflow;

beforeAll(async () => {
  const listenerEnv = { ...AS_IN_CONTAINER, BODY_WAIT_MS_MAX: '60000', REQUEST_MS_MAX: '120000' };
  system = await FlowSystem.start({ servers: 'shared', listenerEnv });
  workflow = await system.api.createWorkflow(keepingWorkflow('large'));
});

afterAll(() => system.stop());

beforeEach(() => {
  forgetPeak(system.listener.process.pid);
});

afterEach(async () => {
  const peak = peakMemoryBytes(system.listener.process.pid);
  expect(peak).toBeLessThan(CONTAINER_BYTES);
  // Whatever came, it serves on, and holds nothing any more.
  const answer = await sendStructured(system.listenerUrl, newEvent(workflow.id), workflow);
  expect(answer.status).toBe(202);
  await waitFor('every byte to be given back', async () => {
    const held = await Promise.all(
      ['body_bytes', 'unknown_body_bytes'].map((what) =>
        metricOf(system.listenerUrl, `flow_in_flight{what="${what}"}`),
      ),
    );
    return held.every((bytes) => bytes === 0) || undefined;
  });
});

/** How many requests, all at once, had which answer. */
async function answersTo(requests: number, request: () => (string | Buffer)[]): Promise<object> {
  const counts: Record<number, number> = {};
  await Promise.all(
    Array.from({ length: requests }, async () => {
      const { status } = await rawRequest(system.listenerUrl, request()).catch(() => ({
        status: 0,
      }));
      counts[status] = (counts[status] ?? 0) + 1;
    }),
  );
  return counts;
}

function post(target: string, token: string, body: Buffer): (string | Buffer)[] {
  const headers = [
    `Authorization: Bearer ${token}`,
    STRUCTURED,
    `Content-Length: ${body.length}`,
    'Connection: close',
  ];
  return [requestHead('POST', target, headers), body];
}

describe("a listener with a container's memory", () => {
  it('accepts 150 events of 1 MiB at once: those beyond its memory wait', async () => {
    const counts = await answersTo(150, () => {
      const body = Buffer.from(JSON.stringify(newEvent(workflow.id, { data: { LARGE } })));
      return post(`/listener/event?ref=${workflow.id}`, workflow.token, body);
    });

    expect(counts).toEqual({ 202: 150 });
  });

  it.each([
    ['one text', LARGEST],
    ['as many members as one may have', MANY],
  ])('accepts 30 events of 4 MiB at once, each of %s', async (_what, data) => {
    const counts = await answersTo(30, () => {
      const body = Buffer.from(JSON.stringify(newEvent(workflow.id, { data })));
      return post(`/listener/event?ref=${workflow.id}`, workflow.token, body);
    });

    expect(counts).toEqual({ 202: 30 });
  });

  it.each([
    ['one text', LARGEST],
    ['as many members as one may have', MANY],
  ])('buffers few bytes of 150 unauthorized senders of 4 MiB of %s', async (_what, data) => {
    const { subject, ...event } = newEvent(workflow.id);
    const body = Buffer.from(JSON.stringify({ ...event, data, subject }));
    const counts = await answersTo(150, () => post('/listener/event', 'made-up', body));

    expect(Object.keys(counts).every((status) => ['403', '503'].includes(status))).toBe(true);
    expect(counts).toHaveProperty('503');
  });

  it('accepts as many events as UNKNOWN_BODIES_BYTES_MAX allows where only the body names the workflow', async () => {
    const counts = await answersTo(150, () => {
      const body = Buffer.from(JSON.stringify(newEvent(workflow.id, { data: { LARGE } })));
      return post('/listener/event', workflow.token, body);
    });

    expect(Object.keys(counts).every((status) => ['202', '503'].includes(status))).toBe(true);
    expect(counts).toHaveProperty('202');
  });

  it('refuses 600 events with wrong tokens after the beginning of their bodies', async () => {
    const body = Buffer.from(JSON.stringify(newEvent(workflow.id, { data: { LARGE } })));
    const counts = await answersTo(600, () => post('/listener/event', 'made-up', body));

    // How many chunks are there before the first token is judged is up to the machine.
    expect(Object.keys(counts).every((status) => ['403', '503'].includes(status))).toBe(true);
    expect(counts).toHaveProperty('403');
  });

  it('buffers few bytes of 600 unauthorized senders whose bodies name the workflow late', async () => {
    const { subject, ...event } = newEvent(workflow.id);
    const body = Buffer.from(JSON.stringify({ ...event, data: { LARGE }, subject }));
    const counts = await answersTo(600, () => post('/listener/event', 'made-up', body));

    expect(Object.keys(counts).every((status) => ['403', '503'].includes(status))).toBe(true);
    expect(counts).toHaveProperty('503');
  });

  it.each([
    ['an event that names no workflow', STRUCTURED, 403, 400],
    ['a batch', 'Content-Type: application/cloudevents-batch+json', 403, 202],
  ])('reads %s that is large only with a right token', async (what, type, made, right) => {
    const { subject, ...event } = newEvent(workflow.id, { data: { LARGE } });
    const body = JSON.stringify(what === 'a batch' ? [{ ...event, subject }] : event);
    const statusWith = async (token: string): Promise<number> => {
      const headers = [`Authorization: Bearer ${token}`, type, `Content-Length: ${body.length}`];
      const head = requestHead('POST', '/listener/event', [...headers, 'Connection: close']);
      return (await rawRequest(system.listenerUrl, [head, body])).status;
    };

    expect([await statusWith('made-up'), await statusWith(workflow.token)]).toEqual([made, right]);
  });

  it('keeps answering with 2,500 connections, half of them with unfinished bodies', async () => {
    const { hostname, port } = new URL(system.listenerUrl);
    const half = requestHead('POST', '/listener/event', [
      'Authorization: Bearer made-up',
      STRUCTURED,
      `Content-Length: ${LARGE.length}`,
    ]);
    const sockets = Array.from({ length: 2_500 }, (_, at) => {
      const socket: Socket = connect(Number(port), hostname);
      socket.on('error', () => undefined).resume();
      if (at % 2 === 0) socket.write(half + `{"data":"${LARGE.slice(0, 200_000)}`);
      else socket.write('POST /listener/event HTTP/1.1\r\nX-Slow: ' + 'x'.repeat(10_000));
      return socket;
    });
    await waitFor('some bytes of strangers to be held', async () => {
      const held = await metricOf(system.listenerUrl, 'flow_in_flight{what="unknown_body_bytes"}');
      return held > 0 || undefined;
    });

    // Those that are refused make room for requests, too.
    await waitFor('an event to be taken', async () => {
      const answer = await sendStructured(system.listenerUrl, newEvent(workflow.id), workflow);
      return answer.status === 202 || undefined;
    });
    for (const socket of sockets) socket.destroy();
  });
});
