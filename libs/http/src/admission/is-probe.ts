import { type IncomingMessage } from 'node:http';

/** Whether it comes from who supervises this process, and must get an answer from a full one too. */
export function isProbe({ url = '' }: IncomingMessage): boolean {
  return url.startsWith('/health/') || url === '/metrics';
}
