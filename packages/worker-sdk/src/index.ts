export { RetryableError, TerminalError, type FailureOptions } from './errors.js';
export { serve, type Worker } from './serve.js';
export { type Handler, type Progress, type Task } from './task.js';
export { type Credentials, type WorkerOptions } from './options.js';
