import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { jest } from '@jest/globals';
import { waitFor } from '../tools/project/wait-for.mjs';
import { type RestartableServer } from '../tools/servers/restartable-server.mjs';
import { appUrl } from '../tools/start/app-process.mjs';
import { FlowSystem } from './support/flow-system.js';
import { metricOf } from './support/metric.js';
import { requestHead } from './support/raw-request.js';

jest.setTimeout(300_000);

/** As by default, a request may take as long as the whole stop. */
const ENV = { SHUTDOWN_MS_MAX: '12000', REQUEST_MS_MAX: '12000', LOG_LEVEL: 'debug' };

const LAST_STEP = '"step":"close the port for operators"';

let system: FlowSystem;

beforeAll(async () => {
  system = await FlowSystem.start({ servers: 'shared', listenerEnv: ENV, executorEnv: ENV });
});

afterAll(() => system.stop());

describe('a request whose body never ends does not delay the last step of a stop', () => {
  it.each([
    ['a listener', () => system.listener, '/listener/event'],
    ['an executor', () => system.executors[0], '/api/v2/workflows'],
  ])('of %s', async (_app, server, path) => {
    const { port, process } = server();
    const socket = await beginRequest(server(), path);
    await waitFor('the request', async () =>
      (await metricOf(appUrl(port), 'flow_in_flight{what="http_requests"}')) > 0 ? true : undefined,
    );

    await process.stop({ graceMs: 60_000 });

    expect(await process.ended).toBe('ended with exit code 0');
    expect(await readFile(process.logFile, 'utf8')).toContain(LAST_STEP);
    socket.destroy();
  });
});

async function beginRequest({ port }: RestartableServer, path: string): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  const head = requestHead('POST', path, [
    'Content-Type: application/cloudevents+json',
    'Content-Length: 100',
    `Authorization: Bearer ${system.adminToken}`,
  ]);
  socket.write(`${head}{`);
  return socket;
}
