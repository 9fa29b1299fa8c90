import process from 'node:process';
import { serveEvents } from '../floors/serve-events.mjs';
import { openQueue } from './bullmq.mjs';

/** Adds a job for each event, and answers when Redis has it. */

const queue = await openQueue(process.env['REDIS_PORT'] ?? '', process.env['QUEUE'] ?? '');
await serveEvents((event) => queue.add('event', event));
