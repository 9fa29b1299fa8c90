import { setImmediate } from 'node:timers/promises';
import { type ApiToken, ApiTokenStore, MongoLink, WorkflowStore } from '@app/persistence';
import { WorkflowChanges } from '@app/messaging';
import { SecretKeys } from '@app/auth';
import { bodyValidation } from '@app/http';
import { MemoryLog } from '@app/observability/testing';
import { Logger, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { type FastifyInstance } from 'fastify';
import { SecretsController } from '../api/secrets/secrets.controller.js';
import { ApiTokensController } from '../api/tokens/api-tokens.controller.js';
import { auditApi } from './audit.js';

const log = new MemoryLog();
const added: ApiToken[] = [];
let app: NestFastifyApplication;

beforeAll(async () => {
  @Module({
    controllers: [ApiTokensController, SecretsController],
    providers: [
      { provide: ApiTokenStore, useValue: { add: async (token: ApiToken) => added.push(token) } },
      { provide: MongoLink, useValue: { clock: { now: () => Date.parse('2026-01-01') } } },
      { provide: WorkflowStore, useValue: { addSecret: async () => 2 } },
      { provide: WorkflowChanges, useValue: { publish: () => undefined } },
      { provide: SecretKeys, useValue: { encrypt: () => 'encrypted' } },
    ],
  })
  class AppModule {}
  Logger.overrideLogger(false);
  const adapter = new FastifyAdapter();
  app = await NestFactory.create<NestFastifyApplication>(AppModule, adapter);
  app.useGlobalPipes(bodyValidation());
  auditApi(adapter.getInstance<FastifyInstance>(), log);
  await app.listen(0, '127.0.0.1');
});

afterAll(() => app.close());

/** The answer, and what the log says of the call once it was answered. */
async function post(path: string, given: object): Promise<{ body: string; audit: object }> {
  log.lines.length = 0;
  const answer = await fetch((await app.getUrl()) + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(given),
  });
  const body = await answer.text();
  while (log.lines.length === 0) await setImmediate();
  return { body, audit: log.lines[0]?.fields['audit'] as object };
}

describe(auditApi.name, () => {
  it.each([
    { role: 'viewer', groups: [] },
    { role: 'operator', groups: ['finance'], scope: { labels: { area: 'billing' } } },
    { role: 'approver', groups: [], scope: { workflows: ['wf1'] }, expiresAt: '2100-01-01' },
  ])('logs what the token of a person permits, without the token: %j', async (given) => {
    const { body, audit } = await post('/api/v2/tokens', { label: 'ada', ...given });

    const { id, token } = JSON.parse(body) as { readonly id: string; readonly token: string };
    const expiresAt = given.expiresAt && '2100-01-01T00:00:00.000Z';
    expect(audit).toMatchObject({
      status: 201,
      granted: { id, label: 'ada', ...given, expiresAt },
    });
    expect(JSON.stringify(audit)).not.toContain(token);
    expect(JSON.stringify(audit)).not.toContain(added.at(-1)?.hash);
  });

  it('logs the provider of a secret, without the secret', async () => {
    const { body, audit } = await post('/api/v2/workflows/wf1/secrets', {
      label: 'ours',
      provider: 'github',
    });

    const { id, secret } = JSON.parse(body) as { readonly id: string; readonly secret: string };
    expect(audit).toMatchObject({ granted: { id, label: 'ours', provider: 'github' } });
    expect(JSON.stringify(audit)).not.toContain(secret);
  });

  it('logs nothing about a credential that was not created', async () => {
    const { audit } = await post('/api/v2/tokens', { label: 'ada', role: 'king' });

    expect(audit).toMatchObject({ principal: undefined, granted: undefined });
  });
});
