import { EventEmitter } from 'node:events';
import { type Socket } from 'node:net';
import { jest } from '@jest/globals';
import { closeLingering } from './unread-body.js';

class FakeSocket extends EventEmitter {
  bytesRead = 1_000;
  readonly end = jest.fn();
  readonly destroy = jest.fn(() => this.emit('close'));
}

let socket: FakeSocket;

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['setImmediate'] });
  socket = new FakeSocket();
  closeLingering(socket as unknown as Socket);
});

afterEach(() => {
  jest.useRealTimers();
});

/** A second goes by, and then what has come is read. */
async function aSecondWith(bytes: number): Promise<void> {
  jest.advanceTimersByTime(1_000);
  socket.bytesRead += bytes;
  await new Promise(setImmediate);
}

describe(closeLingering, () => {
  it('ends our half at once, and the connection when the client is silent', async () => {
    const ends = socket.end.mock.calls.length;
    await aSecondWith(0);

    expect([ends, socket.destroy.mock.calls.length]).toEqual([1, 1]);
  });

  it('waits for a client that goes on sending, also if its bytes are read only after a pause', async () => {
    for (let second = 0; second < 5; second += 1) await aSecondWith(1);
    const before = socket.destroy.mock.calls.length;
    await aSecondWith(0);

    expect([before, socket.destroy.mock.calls.length]).toEqual([0, 1]);
  });

  it('does not wait for one that never stops', async () => {
    let seconds = 0;
    for (; socket.destroy.mock.calls.length === 0 && seconds < 100; seconds += 1)
      await aSecondWith(1);

    expect(seconds).toBe(15);
  });
});
