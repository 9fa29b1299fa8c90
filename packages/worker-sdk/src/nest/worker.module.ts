import {
  type BeforeApplicationShutdown,
  type DynamicModule,
  Module,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { DiscoveryModule, DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import { type WorkerOptions } from '../options.js';
import { serve, type Worker } from '../serve.js';
import { type Handler } from '../task.js';
import { TASK_HANDLER, type TaskHandlerMetadata } from './task-handler.js';

interface Found {
  readonly metadata: TaskHandlerMetadata;
  readonly handler: Handler;
}

/** Serves the queues of all `@TaskHandler` methods while the application runs, and stops them in order at shutdown. */
class HandlerServer implements OnApplicationBootstrap, BeforeApplicationShutdown {
  #workers: readonly Worker[] = [];

  constructor(
    private readonly options: WorkerOptions,
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly reflector: Reflector,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    this.#workers = await Promise.all(
      this.#handlers().map(({ metadata: { queue, options }, handler }) =>
        serve(queue, handler, { ...this.options, ...options }),
      ),
    );
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.stop()));
  }

  #handlers(): readonly Found[] {
    const all = [...this.discovery.getProviders(), ...this.discovery.getControllers()];
    return all.flatMap(({ instance }) => this.#handlersOf(instance as unknown));
  }

  #handlersOf(instance: unknown): readonly Found[] {
    if (typeof instance !== 'object' || instance === null) return [];
    const prototype = Object.getPrototypeOf(instance) as Record<string, unknown> | null;
    if (prototype === null) return [];
    return this.scanner.getAllMethodNames(prototype).flatMap((name) => {
      const method = prototype[name];
      if (typeof method !== 'function') return [];
      const metadata = this.reflector.get<TaskHandlerMetadata | undefined>(TASK_HANDLER, method);
      const handler: Handler = (task) => method.call(instance, task) as unknown;
      return metadata === undefined ? [] : [{ metadata, handler }];
    });
  }
}

/** Makes a Nest application a worker. Import it once. */
@Module({})
export class WorkerModule {
  /** Call `enableShutdownHooks()` of the application, so that SIGTERM waits for the tasks in flight. */
  static forRoot(options: WorkerOptions): DynamicModule {
    return {
      module: WorkerModule,
      imports: [DiscoveryModule],
      providers: [
        {
          provide: HandlerServer,
          inject: [DiscoveryService, MetadataScanner, Reflector],
          useFactory: (
            discovery: DiscoveryService,
            scanner: MetadataScanner,
            reflector: Reflector,
          ) => new HandlerServer(options, discovery, scanner, reflector),
        },
      ],
    };
  }
}
