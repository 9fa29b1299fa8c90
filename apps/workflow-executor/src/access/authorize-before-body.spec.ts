import { readdirSync } from 'node:fs';
import { type ApiAccess, type InternalRequests } from '@app/auth';
import { Controller, Get, Logger, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FASTIFY_ROUTE_CONFIG_METADATA } from '@nestjs/platform-fastify/constants.js';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { type FastifyInstance } from 'fastify';
import { DecisionsController } from '../api/decisions/decisions.controller.js';
import { ParametersController } from '../api/scopes/parameters.controller.js';
import { TaskSecretsController } from '../api/scopes/task-secrets.controller.js';
import { ActivitiesController } from '../api/activities/activities.controller.js';
import { SecretsController } from '../api/secrets/secrets.controller.js';
import { QuotasController } from '../api/workflows/quotas.controller.js';
import { RetriesController } from '../api/retries/retries.controller.js';
import { TasksController } from '../api/tasks/tasks.controller.js';
import { ApiTokensController } from '../api/tokens/api-tokens.controller.js';
import { SchemasController } from '../api/workflows/schemas.controller.js';
import { WorkflowsController } from '../api/workflows/workflows.controller.js';
import { InternalController } from '../intake/internal.controller.js';
import { type ActionGuard } from './action-guard.js';
import { authorizeBeforeBody } from './authorize-before-body.js';
import { type Permission, Permit, PermitAnybody } from './permission.js';

const allowing = {
  api: { authorize: async () => ({ label: 'a' }) } as unknown as ApiAccess,
  internal: { authorize: () => undefined } as unknown as InternalRequests,
  guard: { require: async () => undefined } as unknown as ActionGuard,
};

@Controller()
class Declared {
  @Get('thing/:id')
  @Permit('workflow:read', 'workflow')
  read(): string {
    return 'read';
  }

  @Get('open')
  @PermitAnybody(1)
  open(): string {
    return 'open';
  }
}

@Controller()
class Undeclared {
  @Get('forgotten')
  read(): string {
    return 'read';
  }
}

beforeAll(() => {
  Logger.overrideLogger(false);
});

async function appWith(...controllers: (new () => unknown)[]): Promise<NestFastifyApplication> {
  @Module({ controllers })
  class AppModule {}
  const adapter = new FastifyAdapter();
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- as Nest documents it
  const app = await NestFactory.create<NestFastifyApplication>(AppModule, adapter, {
    abortOnError: false,
  });
  authorizeBeforeBody(adapter.getInstance<FastifyInstance>(), allowing);
  return app;
}

describe(authorizeBeforeBody.name, () => {
  it('does not start with a route that declares no permission', async () => {
    const app = await appWith(Declared, Undeclared);

    await expect(app.init()).rejects.toMatchObject({
      code: 'PERMISSION_UNDECLARED',
      message: expect.stringContaining('GET /forgotten') as string,
    });
  });

  it('serves what each route declares', async () => {
    const app = await appWith(Declared);
    await app.listen(0, '127.0.0.1');
    const url = await app.getUrl();

    expect(await (await fetch(`${url}/thing/1`)).text()).toBe('read');
    expect(await (await fetch(`${url}/open`)).text()).toBe('open');
    await app.close();
  });

  it('has the right permission at each route', () => {
    const controllers = [
      WorkflowsController,
      SchemasController,
      QuotasController,
      SecretsController,
      ActivitiesController,
      RetriesController,
      TasksController,
      ApiTokensController,
      DecisionsController,
      ParametersController,
      TaskSecretsController,
      InternalController,
    ];
    // One that is not in the list would be in a file that is not counted. That of dispatches over NATS has no routes.
    const files = readdirSync(new URL('..', import.meta.url), {
      recursive: true,
      encoding: 'utf8',
    }).filter((file) => /(?<!dispatch)\.controller\.[jt]s$/.test(file));
    expect(files).toHaveLength(controllers.length);
    const declared = controllers.flatMap(({ prototype }) =>
      Object.getOwnPropertyNames(prototype)
        .map((name) => [name, Reflect.get(prototype, name) as object] as const)
        .filter(([name, handler]) => name !== 'constructor' && Reflect.hasMetadata('path', handler))
        .map(([name, handler]) => [name, permissionOf(handler)]),
    );

    expect(declared).toEqual([
      ['create', 'workflow:write installation'],
      ['list', 'workflow:read installation'],
      ['get', 'workflow:read workflow'],
      ['replace', 'workflow:write workflow'],
      ['switch', 'workflow:write workflow'],
      ['remove', 'workflow:write workflow'],
      ['addToken', 'token:write workflow'],
      ['removeToken', 'token:write workflow'],
      ['workflow', 'anybody'],
      ['get', 'workflow:read workflow'],
      ['put', 'quota:write workflow'],
      ['add', 'token:write workflow'],
      ['remove', 'token:write workflow'],
      ['list', 'activity:read installation'],
      ['get', 'activity:read activity'],
      ['children', 'activity:read activity'],
      ['items', 'activity:read activity'],
      ['cancel', 'activity:cancel activity'],
      ['retry', 'activity:retry activity'],
      ['resume', 'task:operate activity'],
      ['vote', 'task:vote activity'],
      ['complete', 'task:operate activity'],
      ['fail', 'task:operate activity'],
      ['skip', 'task:operate activity'],
      ['retry', 'task:operate activity'],
      ['list', 'principal:read installation'],
      ['add', 'principal:write installation'],
      ['remove', 'principal:write installation'],
      ['list', 'activity:read installation'],
      ['list', 'parameter:read installation'],
      ['put', 'parameter:write installation'],
      ['remove', 'parameter:write installation'],
      ['list', 'secret:read installation'],
      ['put', 'secret:write installation'],
      ['remove', 'secret:write installation'],
      ['listOf', 'secret:read workflow'],
      ['putOf', 'secret:write workflow'],
      ['removeOf', 'secret:write workflow'],
      ['dispatch', 'own-services'],
      ['notify', 'own-services'],
      ['validateToken', 'anybody'],
    ]);
  });
});

function permissionOf(handler: object): string {
  const config = Reflect.getMetadata(FASTIFY_ROUTE_CONFIG_METADATA, handler) as {
    readonly permission: Permission;
  };
  const { permission } = config;
  return permission.kind === 'action'
    ? `${permission.action} ${permission.target}`
    : permission.kind;
}
