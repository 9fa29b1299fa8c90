export { TaskHandler, type TaskHandlerOptions } from './task-handler.js';
export { WorkerModule } from './worker.module.js';
