import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';
import { type HttpCallParams } from '@app/workflow-engine';
import { type TaskOutcome } from '../../task-handler.js';
import { AddressGuard } from '../connecting/address-guard.js';
import { HttpTaskHandler } from '../http-task-handler.js';
import { aCall, HTTP_LIMITS, someLimiter } from './a-call.js';

/** A server whose answers a test decides, and a handler that may call it. */
export class AnsweringServer {
  readonly handler = AnsweringServer.handlerAllowing(['127.0.0.0/8']);
  /** Called when the whole request is there. */
  answer: (request: IncomingMessage, response: ServerResponse, body: string) => void = (
    _request,
    response,
  ) => response.end();

  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {}

  static async start(): Promise<AnsweringServer> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const answering = new AnsweringServer(server, (server.address() as AddressInfo).port);
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        answering.answer(request, response, body);
      });
    });
    return answering;
  }

  static handlerAllowing(networks: readonly string[]): HttpTaskHandler {
    return new HttpTaskHandler(new AddressGuard(networks), HTTP_LIMITS, someLimiter());
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** A call of it, or of another URL that `params` have. */
  run(
    params: Partial<HttpCallParams> = {},
    abort = new AbortController().signal,
    by = this.handler,
  ): Promise<TaskOutcome> {
    return by.run(aCall({ url: `${this.origin}/path?q=1`, ...params }, abort));
  }

  async stop(): Promise<void> {
    this.handler.close();
    await this.takeAway();
  }

  /** Nobody listens at its port from then on. */
  async takeAway(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
