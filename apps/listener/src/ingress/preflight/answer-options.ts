import { type FastifyInstance } from 'fastify';
import { crossOriginHeaders, preflightHeaders } from './cross-origin.js';
import { handshakeHeaders, type HandshakeSettings } from './webhook-handshake.js';

export interface OptionsSettings {
  readonly handshake: HandshakeSettings;
  /** The allowed origins of web pages, as browsers write them: `https://app.example`. `*` allows all. */
  readonly corsOrigins: readonly string[];
  /** The methods of a path; empty if the path does not exist. */
  readonly methodsAt: (url: string) => readonly string[];
}

/**
 * Answers OPTIONS with the methods of a path, the permission of the CloudEvents webhook handshake, and the headers of
 * CORS. It needs no token and reads no workflow.
 */
export function answerOptions(server: FastifyInstance, settings: OptionsSettings): void {
  const { handshake, corsOrigins, methodsAt } = settings;
  if (corsOrigins.length > 0)
    server.addHook('onSend', (request, reply, _payload, done) => {
      void reply.headers(crossOriginHeaders(request.headers, corsOrigins));
      done();
    });
  server.addHook('onRequest', (request, reply, done) => {
    const methods = request.method === 'OPTIONS' ? methodsAt(request.raw.url ?? '/') : [];
    if (methods.length === 0) {
      done();
      return;
    }
    const permitted = handshakeHeaders(request.headers, handshake);
    void reply
      .status(Object.keys(permitted).length > 0 ? 200 : 204)
      .headers({ ...permitted, ...preflightHeaders(request.headers, methods, corsOrigins) })
      .header('Allow', methods.join(', '))
      .send();
  });
}
