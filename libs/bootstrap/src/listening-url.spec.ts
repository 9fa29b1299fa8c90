import { once } from 'node:events';
import { createServer } from 'node:net';
import { listeningUrl } from './settings.js';

describe(listeningUrl, () => {
  it.each([
    ['0.0.0.0', '0.0.0.0'],
    ['127.0.0.1', '127.0.0.1'],
    ['::1', '[::1]'],
  ])('shows %s as %s', async (host, shown) => {
    const server = createServer().listen({ host, port: 0 });
    await once(server, 'listening');
    const url = listeningUrl(server);
    server.close();

    expect(url).toMatch(
      new RegExp(`^http://${shown.replaceAll(/[.[\]]/g, String.raw`\$&`)}:\\d+$`),
    );
  });

  it('shows that it does not listen', () => {
    expect(listeningUrl(createServer())).toBe('nowhere');
  });
});
