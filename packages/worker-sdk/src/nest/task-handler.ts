import { SetMetadata } from '@nestjs/common';
import { type WorkerOptions } from '../options.js';

/** The options of one handler, which override those of the module. */
export type TaskHandlerOptions = Pick<WorkerOptions, 'concurrency' | 'group' | 'leaseMs'>;

export const TASK_HANDLER = Symbol('flow-eventing:task-handler');

export interface TaskHandlerMetadata {
  readonly queue: string;
  readonly options: TaskHandlerOptions;
}

/** Makes a method of a provider or controller the handler of a queue: it receives a `Task` and returns its results. */
export function TaskHandler(queue: string, options: TaskHandlerOptions = {}): MethodDecorator {
  return SetMetadata(TASK_HANDLER, { queue, options } satisfies TaskHandlerMetadata);
}
