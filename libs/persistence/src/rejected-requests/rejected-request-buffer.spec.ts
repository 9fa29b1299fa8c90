import { setImmediate as nextTurn } from 'node:timers/promises';
import { NOW, aRejectedRequest } from '../testing/builders.js';
import { type RejectedRequestGroup } from './rejected-request-batch.js';
import { RejectedRequestBuffer } from './rejected-request-buffer.js';

/** Writes are finished by the test. */
class HandDrivenBuffer extends RejectedRequestBuffer {
  readonly writes: (readonly RejectedRequestGroup[])[] = [];
  fails = false;
  #awaited = 0;
  #finish: (() => void) | undefined;

  protected override async write(groups: readonly RejectedRequestGroup[]): Promise<void> {
    this.writes.push(groups);
    await new Promise<void>((resolve) => {
      this.#finish = resolve;
    });
    if (this.fails) throw new Error('not now');
  }

  /** The one after that which the last call waited for; it may have begun already. */
  async nextWrite(): Promise<void> {
    this.#awaited += 1;
    while (this.writes.length < this.#awaited) await nextTurn();
  }

  async finish(): Promise<void> {
    this.#finish?.();
    await nextTurn();
  }

  get counts(): readonly (readonly number[])[] {
    return this.writes.map((groups) => groups.map(({ count }) => count));
  }
}

const NEVER_MS = 2 ** 30;

describe(RejectedRequestBuffer.name, () => {
  it('writes the first of its kind at once and holds the rest back', async () => {
    const buffer = new HandDrivenBuffer({ flushMs: NEVER_MS, groupsMax: 10 });
    buffer.add(aRejectedRequest());
    buffer.add(aRejectedRequest());
    await buffer.nextWrite();
    await buffer.finish();

    for (let index = 0; index < 8; index += 1) buffer.add(aRejectedRequest());
    for (let turn = 0; turn < 20; turn += 1) await nextTurn();
    expect(buffer.counts).toEqual([[1, 1]]);

    const flushed = buffer.flush();
    await buffer.finish();
    await buffer.finish();
    await flushed;
    expect(buffer.counts).toEqual([[1, 1], [8]]);
  });

  it('writes what it holds back after a while', async () => {
    const buffer = new HandDrivenBuffer({ flushMs: 1, groupsMax: 10 });
    buffer.add(aRejectedRequest());
    await buffer.nextWrite();
    buffer.add(aRejectedRequest());
    await buffer.finish();

    await buffer.nextWrite();

    expect(buffer.counts).toEqual([[1], [1]]);
    await buffer.finish();
  });

  it('has one write at a time, which takes all that has come together', async () => {
    const buffer = new HandDrivenBuffer({ flushMs: NEVER_MS, groupsMax: 10 });
    buffer.add(aRejectedRequest());
    await buffer.nextWrite();

    for (const workflowId of ['a', 'b', 'c']) buffer.add(aRejectedRequest({ workflowId }));
    const flushes = [buffer.flush(), buffer.flush()];
    await nextTurn();
    expect(buffer.writes).toHaveLength(1);

    await buffer.finish();
    await buffer.finish();
    await Promise.all(flushes);
    expect(buffer.counts).toEqual([[1], [1, 1, 1]]);
  });

  it('keeps what could not be written and adds what comes meanwhile', async () => {
    const buffer = new HandDrivenBuffer({ flushMs: 1, groupsMax: 10 });
    buffer.fails = true;
    buffer.add(aRejectedRequest({ eventId: 'first' }));
    await buffer.nextWrite();
    buffer.add(aRejectedRequest({ at: NOW + 5, eventId: 'second' }));
    buffer.add(aRejectedRequest({ at: NOW + 6, eventId: 'third' }));
    await buffer.finish();

    await buffer.nextWrite();
    buffer.fails = false;
    await buffer.finish();

    expect(buffer.writes[1]).toMatchObject([
      { count: 2, firstAt: NOW + 5, lastAt: NOW + 6, first: { eventId: 'second' } },
      { count: 1, firstAt: NOW, lastAt: NOW, first: { eventId: 'first' } },
    ]);
    expect(buffer.dropped).toBe(0);
  });

  it('only counts what it has no room for', async () => {
    const buffer = new HandDrivenBuffer({ flushMs: NEVER_MS, groupsMax: 3 });

    for (let index = 0; index < 10; index += 1)
      buffer.add(aRejectedRequest({ workflowId: `${index}` }));
    await buffer.nextWrite();

    expect(buffer.counts).toEqual([[1, 1, 1]]);
    expect(buffer.dropped).toBe(7);
    await buffer.finish();
  });

  it('has nothing to flush when nothing came', async () => {
    const buffer = new HandDrivenBuffer();

    await buffer.flush();

    expect(buffer.writes).toEqual([]);
  });
});
