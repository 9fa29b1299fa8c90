import { type IncomingMessage, type Server, type ServerResponse } from 'node:http';

/** Responses that still have to send "100 Continue", by their request. */
const waiting = new WeakMap<IncomingMessage, ServerResponse>();

/**
 * Delays "100 Continue" for requests with `Expect: 100-continue` until `sendContinue`. Node would send it before the
 * request was authorized, and the client would send a body that may be refused.
 */
export function holdContinue(server: Server): void {
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    waiting.set(request, response);
    server.emit('request', request, response);
  });
}

export function sendContinue(request: IncomingMessage): void {
  waiting.get(request)?.writeContinue();
  waiting.delete(request);
}
