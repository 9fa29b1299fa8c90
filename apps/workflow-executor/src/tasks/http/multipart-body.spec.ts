import { createServer, type Server } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { type AddressInfo } from 'node:net';
import { AddressGuard } from './connecting/address-guard.js';
import { HttpTaskHandler } from './http-task-handler.js';
import { multipartBody } from './multipart-body.js';
import { aCall, HTTP_LIMITS, someLimiter } from './testing/a-call.js';

const PARTS = [
  { name: 'order "7"\r\n', text: 'Grüße\r\n--x' },
  { name: 'doc', filename: 'ä".pdf', contentType: 'application/pdf', base64: 'AP8lUERG' },
  { name: 'doc', filename: 'b.txt', contentType: 'text/plain; charset=utf-8', text: '' },
];

async function formIn(bytes: Buffer, contentType: string): Promise<FormData> {
  return new Response(Uint8Array.from(bytes), {
    headers: { 'content-type': contentType },
  }).formData();
}

describe(multipartBody.name, () => {
  it('is read back as it was, whatever is in names and contents', async () => {
    const { bytes, boundary } = multipartBody(PARTS, 'key');
    const form = await formIn(bytes, `multipart/form-data; boundary=${boundary}`);

    const files = form.getAll('doc') as File[];
    expect([...form.keys()]).toEqual(['order "7"\r\n', 'doc', 'doc']);
    expect(form.get('order "7"\r\n')).toBe('Grüße\r\n--x');
    expect(files.map(({ name, type }) => [name, type])).toEqual([
      ['ä".pdf', 'application/pdf'],
      ['b.txt', 'text/plain; charset=utf-8'],
    ]);
    const contents = await Promise.all(files.map((file) => file.arrayBuffer()));
    expect(contents.map((content) => Buffer.from(content).toString('hex'))).toEqual([
      '00ff25504446',
      '',
    ]);
  });

  it('has the same bytes for a repeated call, and another boundary for another one', () => {
    const { bytes, boundary } = multipartBody(PARTS, 'key');

    expect(multipartBody(PARTS, 'key').bytes.equals(bytes)).toBe(true);
    expect(multipartBody(PARTS, 'another key').boundary).not.toBe(boundary);
    const withBoundary = [{ name: 'a', text: `\r\n--${boundary}` }];
    expect(multipartBody(withBoundary, 'key').boundary).not.toBe(boundary);
  });
});

describe('an http task with files', () => {
  let server: Server;
  let sent: { readonly type: string; readonly body: Buffer } | undefined;

  beforeAll(async () => {
    server = createServer((request, response) => {
      void buffer(request).then((body) => {
        sent = { type: String(request.headers['content-type']), body };
        response.end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });

  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  it('sends them with the length and the content type of its body', async () => {
    const handler = new HttpTaskHandler(
      new AddressGuard(['127.0.0.0/8']),
      HTTP_LIMITS,
      someLimiter(),
    );
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;

    const outcome = await handler.run(aCall({ url, method: 'POST', parts: PARTS }));
    handler.close();

    expect(outcome.kind).toBe('succeeded');
    const form = await formIn(sent?.body ?? Buffer.alloc(0), sent?.type ?? '');
    expect([...form.keys()]).toHaveLength(3);
  });
});
