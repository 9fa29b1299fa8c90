import process from 'node:process';
import { fastify } from 'fastify';

/**
 * A minimal HTTP server: it takes structured events and answers when `take` has resolved. It listens on `PORT`.
 *
 * @param {(event: Record<string, unknown> & { id: string }) => Promise<void>} take
 * @param {() => number} [completed] how many events have been worked on to their end
 */
export async function serveEvents(take, completed = () => 0) {
  const app = fastify();
  app.addContentTypeParser(
    'application/cloudevents+json',
    { parseAs: 'string' },
    app.getDefaultJsonParser('ignore', 'ignore'),
  );
  app.post('/event', async (request, reply) => {
    const event = /** @type {Record<string, unknown> & { id: string }} */ (request.body);
    await take(event);
    return reply.status(202).send({ activityid: event.id });
  });
  app.get('/health/ready', () => 'ready');
  app.get('/completed', () => ({ completed: completed() }));
  process.once('SIGTERM', () => process.exit(0));
  await app.listen({ host: '127.0.0.1', port: Number(process.env['PORT']) });
}
