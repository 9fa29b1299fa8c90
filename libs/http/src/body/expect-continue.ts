import { type IncomingMessage, type Server, type ServerResponse } from 'node:http';

/** Responses that still have to send "100 Continue", by their request. */
const waiting = new WeakMap<IncomingMessage, ServerResponse>();

/**
 * Makes a client that asked first (`Expect: 100-continue`) wait until its body is wanted. Node would
 * tell it to go on before anyone has looked at its token.
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
