import { jest } from '@jest/globals';
import { connectNats } from '../src/link/connect-nats.js';
import { NatsUnavailableError } from '../src/errors.js';
import { type NatsLink, type NatsLinkState } from '../src/link/nats-link.js';
import { OwnNats } from './own-nats.js';
import { until } from '@app/errors/testing';

jest.setTimeout(60_000);

describe('a link to NATS', () => {
  let nats: OwnNats;
  let link: NatsLink;
  let states: NatsLinkState[];

  beforeEach(async () => {
    nats = await OwnNats.start();
  });

  afterEach(async () => {
    await link.close();
    await nats.end();
  });

  function connect(): void {
    states = [];
    link = connectNats({ urls: [nats.url], name: 'test' });
    link.onChange((state) => states.push(state));
  }

  it('exists before NATS is available, gives the reason, and becomes available by itself', async () => {
    await nats.stop();
    connect();

    await until(() => /refused/i.test(link.state.reason ?? ''));
    expect(() => link.connection).toThrow(NatsUnavailableError);
    await nats.startAgain();
    await until(() => link.available);

    expect(link.connection.isClosed()).toBe(false);
  });

  it('reports when NATS goes and comes back, and keeps its connection object', async () => {
    connect();
    await until(() => link.available);
    const { connection } = link;

    await nats.kill();
    await until(() => !link.available);
    await nats.startAgain();
    await until(() => link.available);

    expect(states.map(({ available }) => available)).toEqual(
      expect.arrayContaining([true, false, true]),
    );
    expect(link.connection).toBe(connection);
  });

  it('keeps the time since when it is gone, while reasons change', async () => {
    await nats.stop();
    connect();
    const { since } = link.state;

    await until(() => states.length > 0);

    expect(link.state).toMatchObject({ available: false, since });
  });

  it('closes without a failure when NATS goes at that moment', async () => {
    connect();
    await until(() => link.available);
    const { connection } = link;
    jest.spyOn(connection, 'drain').mockImplementation(async () => {
      await nats.kill();
      throw new Error('connection disconnected');
    });

    await link.close();

    expect(connection.isClosed()).toBe(true);
  });

  it('closes while it is waiting for the first connection', async () => {
    await nats.stop();
    connect();
    await until(() => states.length > 0);

    await link.close();

    expect(link.available).toBe(false);
  });

  it('is not available after it was closed', async () => {
    connect();
    await until(() => link.available);

    await link.close();

    await until(() => !link.available);
  });
});
