import { createServer, type Server } from 'node:net';
import { choosePorts } from '../../tools/start/choose-ports.mjs';
import { freePort } from '../../tools/servers/free-port.mjs';

let taken: Server;

beforeAll(async () => {
  taken = createServer();
  await new Promise<void>((listening) => taken.listen(0, '127.0.0.1', listening));
});

afterAll(() => taken.close());

const options = { driver: 'nats', json: false, help: false } as const;

describe(choosePorts.name, () => {
  it('keeps the ports of the stores of the last start, so that workers find NATS again', async () => {
    const last = { mongodb: await freePort(), nats: await freePort() };

    expect(await choosePorts(options, last)).toMatchObject(last);
  });

  it('leaves the port of a store open at the first start, and when another program has it', async () => {
    const address = taken.address();
    const nats = typeof address === 'object' ? address?.port : undefined;

    const ports = await choosePorts(options, nats === undefined ? {} : { nats });

    expect(ports).toMatchObject({ mongodb: undefined, nats: undefined });
  });
});
