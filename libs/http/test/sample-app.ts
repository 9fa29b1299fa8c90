import 'reflect-metadata';
import { FlowError } from '@app/errors';
import { FlowMetrics, Log, NestLog, ObservabilityModule } from '@app/observability';
import {
  Body,
  type CanActivate,
  Controller,
  type ExecutionContext,
  Get,
  HttpCode,
  Injectable,
  Logger,
  Module,
  Options,
  Param,
  Post,
  Put,
  Query,
  Req,
  UseGuards,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Type } from 'class-transformer';
import { IsInt, IsString, Max, ValidateNested } from 'class-validator';
import { type FastifyRequest } from 'fastify';
import { bodyValidation } from '../src/body/body-validation.js';
import { createFastifyAdapter } from '../src/server/flow-fastify-adapter.js';
import { HTTP_DEFAULTS, type HttpOptions } from '../src/server/http-options.js';
import { ProblemFilter } from '../src/problem/problem.filter.js';
import { readBody } from '../src/body/read-body.js';
import { TooManyBytesInFlightError } from '../src/errors.js';

export const BODY_BYTES_MAX = 100_000;

class NoTokenError extends FlowError {
  readonly code = 'TOKEN_MISSING';
  readonly kind = 'unauthenticated';
}

@Injectable()
class TokenGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    if (request.headers.authorization === undefined) throw new NoTokenError('No token');
    return true;
  }
}

class Part {
  @IsString()
  readonly name!: string;
}

class Thing {
  @IsInt()
  @Max(10)
  readonly size!: number;

  @ValidateNested({ each: true })
  @Type(() => Part)
  readonly parts!: readonly Part[];
}

/** Requests to `/held` that wait, by what lets them go on. */
export const held: (() => void)[] = [];

/** The sizes of what was carried out. */
export const carriedOut: number[] = [];

@Controller()
class SampleController {
  @Put('event')
  @UseGuards(TokenGuard)
  async take(@Req() request: FastifyRequest): Promise<{ readonly bytes: number }> {
    const body = await readBody(request, { bytesMax: BODY_BYTES_MAX });
    carriedOut.push(body.length);
    return { bytes: body.length };
  }

  /** Looks at the beginning of the body and rejects the request: there is no room for the rest. */
  @Put('judged')
  async judge(@Req() request: FastifyRequest): Promise<void> {
    const judge = (): Promise<never> => Promise.reject(new TooManyBytesInFlightError());
    await readBody(request, { bytesMax: HTTP_DEFAULTS.bodyBytesMax, judge });
  }

  @Options('event')
  @HttpCode(204)
  handshake(): void {
    return;
  }

  @Post('things')
  create(@Body() thing: Thing): Thing {
    carriedOut.push(thing.size);
    return thing;
  }

  @Get('things/:id')
  thing(@Param('id') id: string, @Query('access_token') token?: string): unknown {
    return { id, withToken: token !== undefined };
  }

  @Get('fail')
  fail(): never {
    throw new Error('the secret ingredient');
  }

  @Get('held')
  held(): Promise<void> {
    return new Promise((resolve) => held.push(resolve));
  }
}

/** Keeps what was logged. */
export class MemoryLog extends Log {
  readonly errors: { readonly fields: object; readonly message: string }[] = [];

  override debug(): void {
    return;
  }

  override info(): void {
    return;
  }

  override routine(): void {
    return;
  }

  override warn(): void {
    return;
  }

  override error(fields: object, message: string): void {
    this.errors.push({ fields, message });
  }

  override child(): Log {
    return this;
  }
}

export interface SampleApp {
  readonly port: number;
  readonly log: MemoryLog;
  readonly metrics: FlowMetrics;
  close(): Promise<void>;
}

export async function startSampleApp(
  options: Pick<HttpOptions, 'bodies'> & Partial<HttpOptions>,
): Promise<SampleApp> {
  const log = new MemoryLog();
  const settings = { ...HTTP_DEFAULTS, bodyBytesMax: BODY_BYTES_MAX, ...options };
  const metrics = new FlowMetrics();
  const adapter = createFastifyAdapter(settings, metrics, log);

  @Module({
    imports: [ObservabilityModule.register(log, metrics)],
    controllers: [SampleController],
  })
  class SampleModule {}

  Logger.overrideLogger(new NestLog(log));
  const app = await NestFactory.create<NestFastifyApplication>(SampleModule, adapter);
  app.useGlobalFilters(new ProblemFilter(log, adapter.routes));
  app.useGlobalPipes(bodyValidation());
  await app.listen(0, '127.0.0.1');
  const { port } = new URL(await app.getUrl());
  return { port: Number(port), log, metrics, close: () => app.close() };
}
