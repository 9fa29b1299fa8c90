import { type FastifyInstance } from 'fastify';
import { crossOriginHeaders, preflightHeaders } from './cross-origin.js';
import { handshakeHeaders, type HandshakeSettings } from './webhook-handshake.js';

export interface OptionsSettings {
  readonly handshake: HandshakeSettings;
  /** Of browsers, as they write it: `https://app.example`; `*` is all. */
  readonly corsOrigins: readonly string[];
  /** The methods that a path takes; none if there is no such path. */
  readonly methodsAt: (url: string) => readonly string[];
}

/**
 * Answers OPTIONS: which methods a path takes, what a sender of webhooks is permitted, and what a browser is. It
 * needs no token and looks at no workflow.
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
