import { EventEmitter } from 'node:events';
import { MemoryLog } from '@app/observability/testing';
import { type HostProcess, ShutdownSequence, type ShutdownStep } from './shutdown-sequence.js';

/** A process that records how it was ended. */
class FakeProcess extends EventEmitter implements HostProcess {
  readonly exits: number[] = [];
  readonly ended = new Promise<void>((resolve) => this.once('ended', resolve));

  exit(code: number): void {
    this.exits.push(code);
    this.emit('ended');
  }
}

function listeningWith(steps: readonly ShutdownStep[], graceMs = 60_000): FakeProcess {
  const host = new FakeProcess();
  new ShutdownSequence(host, { log: new MemoryLog(), steps, graceMs }).listen();
  return host;
}

describe(ShutdownSequence, () => {
  it.each(['SIGTERM', 'SIGINT'])('runs the steps one after the other on %s', async (signal) => {
    const done: string[] = [];
    const step = (name: string): ShutdownStep => ({
      name,
      run: async () => {
        done.push(`${name} begins`);
        await Promise.resolve();
        done.push(`${name} ends`);
      },
    });
    const host = listeningWith([step('readiness'), step('close')]);
    host.emit(signal);
    await host.ended;

    expect(done).toEqual(['readiness begins', 'readiness ends', 'close begins', 'close ends']);
    expect(host.exits).toEqual([0]);
  });

  it('runs the steps after one that fails, and exits with 1', async () => {
    const done: string[] = [];
    const host = listeningWith([
      { name: 'broken', run: () => Promise.reject(new Error('no')) },
      { name: 'close', run: () => void done.push('closed') },
    ]);
    host.emit('SIGTERM');
    await host.ended;

    expect(done).toEqual(['closed']);
    expect(host.exits).toEqual([1]);
  });

  it.each([
    ['fails', () => Promise.reject(new Error('connection disconnected'))],
    ['does not end', () => new Promise<void>(() => undefined)],
  ])('exits with 0 when a step that only disconnects %s', async (_what, run) => {
    const done: string[] = [];
    const host = listeningWith(
      [
        { name: 'leave', leaves: true, run },
        { name: 'close', run: () => void done.push('closed') },
      ],
      400,
    );
    host.emit('SIGTERM');
    await host.ended;

    expect(done).toEqual(['closed']);
    expect(host.exits).toEqual([0]);
  });

  it('ends at once on the second signal', () => {
    const host = listeningWith([{ name: 'endless', run: () => new Promise(() => undefined) }]);
    host.emit('SIGINT');
    const afterFirst = [...host.exits];
    host.emit('SIGTERM');

    expect(afterFirst).toEqual([]);
    expect(host.exits).toEqual([1]);
  });

  it('ends when the steps take too long', async () => {
    const host = listeningWith([{ name: 'endless', run: () => new Promise(() => undefined) }], 1);
    host.emit('SIGTERM');
    await host.ended;

    expect(host.exits).toEqual([1]);
  });

  it.each(['uncaughtException', 'unhandledRejection'])(
    'ends with 1 on %s, without steps',
    (event) => {
      const done: string[] = [];
      const host = listeningWith([{ name: 'close', run: () => void done.push('closed') }]);
      host.emit(event, new Error('unexpected'));

      expect(host.exits).toEqual([1]);
      expect(done).toEqual([]);
    },
  );
});
