import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { jest } from '@jest/globals';
import { TestAuthority } from '../apps/workflow-executor/src/tasks/http/testing/certificates.js';
import { waitFor } from '../tools/project/wait-for.mjs';
import { type TlsFiles } from '../tools/servers/tls-files.mjs';
import { keepingWorkflow } from './support/definitions.js';
import { type CreatedWorkflow } from './support/flow-api.js';
import { FlowSystem } from './support/flow-system.js';
import { startLiveApp, warningsOf } from './support/live-app.js';
import { untilReported } from './support/readiness.js';
import { sendWebhook } from './support/send.js';
import { writeTlsFiles } from './support/tls-files.js';
import { activityIdIn } from './support/answer.js';

jest.setTimeout(300_000);

const authority = new TestAuthority();
let folder: string;
let files: TlsFiles;
let system: FlowSystem;
let workflow: CreatedWorkflow;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'flow-eventing-tls-'));
  files = await writeTlsFiles(path.join(folder, 'trusted'), authority);
  const env = natsFiles(files);
  system = await FlowSystem.start({ tls: files, listenerEnv: env, executorEnv: env });
  workflow = await system.api.createWorkflow(keepingWorkflow('encrypted'));
});

afterAll(async () => {
  await system.stop();
  await rm(folder, { recursive: true, force: true });
});

describe('stores that require TLS with client certificates', () => {
  it('are used for the whole path of an event', async () => {
    await expectRun();

    const logs = await system.logs();
    expect(logs).not.toMatch(/is not available/);
  });

  it('are used again after a restart with replaced certificates', async () => {
    await writeTlsFiles(path.join(folder, 'trusted'), authority);
    await system.nats.restart();
    await system.mongod.restart();
    await untilReported(system.listenerUrl, 'nats', 'up');
    await untilReported(system.listenerUrl, 'mongodb', 'up');

    await expectRun();
  });

  it('refuse a client with an untrusted certificate, which reports the reason', async () => {
    const others = await writeTlsFiles(path.join(folder, 'unknown'), new TestAuthority());
    const url = new URL(system.mongodbUrl);
    url.searchParams.set('tlsCertificateKeyFile', others.bothFile);
    const natsUrl = system.natsUrl ?? '';
    const stores = { MONGODB_URL: url.href, NATS_URL: natsUrl };
    const logFile = path.join(folder, 'stranger.log');
    const env = natsFiles({ ...others, caFile: files.caFile });
    const { child } = await startLiveApp('listener', logFile, stores, env);
    try {
      const gone = await waitFor('both reasons', () => {
        const lines = warningsOf(child).filter(({ message }) => message.includes('not available'));
        return lines.length >= 2 ? lines : undefined;
      });
      const reasons = gone.map(({ message, reason }) => `${message}: ${reason}`).sort();
      expect(reasons).toEqual([
        expect.stringMatching(/^MongoDB is not available: .+/),
        expect.stringMatching(/^NATS is not available: .*certificate/i),
      ]);
    } finally {
      await child.stop();
    }
  });
});

function natsFiles({ caFile, certFile, keyFile }: TlsFiles): Record<string, string> {
  return { NATS_CA_FILE: caFile, NATS_CERTIFICATE_FILE: certFile, NATS_KEY_FILE: keyFile };
}

async function expectRun(): Promise<void> {
  const answer = await sendWebhook(system.listenerUrl, workflow.id, { encrypted: true }, workflow);

  expect(answer.status).toBe(202);
  const activityid = activityIdIn(answer);
  expect(await system.api.untilFinal(activityid)).toMatchObject({ status: 'succeeded' });
}
