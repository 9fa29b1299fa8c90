import { SetMetadata } from '@nestjs/common';
import { type WorkerOptions } from '../options.js';

/** What a handler may have otherwise than the module. */
export type TaskHandlerOptions = Pick<WorkerOptions, 'concurrency' | 'group' | 'leaseMs'>;

export const TASK_HANDLER = Symbol('flow-eventing:task-handler');

export interface TaskHandlerMetadata {
  readonly queue: string;
  readonly options: TaskHandlerOptions;
}

/** The method of a provider or controller that does the tasks of a queue: it gets a `Task`, and gives results. */
export function TaskHandler(queue: string, options: TaskHandlerOptions = {}): MethodDecorator {
  return SetMetadata(TASK_HANDLER, { queue, options } satisfies TaskHandlerMetadata);
}
