import { type IncomingMessage } from 'node:http';

const PATHS = new Set(['/health/live', '/health/ready', '/metrics']);

/** Whether it comes from who supervises this process, and must get an answer from a full one too. */
export function isProbe({ method, url = '' }: IncomingMessage): boolean {
  if (method !== 'GET' && method !== 'HEAD') return false;
  return PATHS.has(url.split('?', 1)[0] ?? '');
}
