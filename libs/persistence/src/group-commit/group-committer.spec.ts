import { setImmediate as nextTurn } from 'node:timers/promises';
import { StoreOverloadedError } from '../errors.js';
import { GroupCommitter, type BatchFacts, type GroupCommitSettings } from './group-committer.js';

const SETTINGS: GroupCommitSettings = {
  batchesInFlightMax: 1,
  batchItemsMax: 4,
  batchBytesMax: 1_000,
  queueItemsMax: 8,
  queueBytesMax: 10_000,
  lingerMs: 0,
};

const UNKNOWN = new Error('perhaps written');

type Outcomes = readonly PromiseSettledResult<string>[];

/** A writer whose batches are finished by the test, in any order. */
class HandDrivenWriter {
  readonly batches: {
    readonly items: readonly string[];
    readonly finish: (outcomes?: Outcomes) => void;
    readonly fail: (error: Error) => void;
  }[] = [];

  readonly write = (items: readonly string[]): Promise<Outcomes> =>
    new Promise((resolve, reject) => {
      const wellDone = items.map((item) => ({ status: 'fulfilled' as const, value: `${item}!` }));
      this.batches.push({
        items,
        finish: (outcomes = wellDone) => {
          resolve(outcomes);
        },
        fail: reject,
      });
    });

  get items(): readonly (readonly string[])[] {
    return this.batches.map(({ items }) => items);
  }

  async finish(index: number, outcomes?: Outcomes): Promise<void> {
    this.batches[index]?.finish(outcomes);
    await nextTurn();
    await nextTurn();
  }
}

function aCommitter(
  settings: Partial<GroupCommitSettings> = {},
  observe: (batch: BatchFacts) => void = () => undefined,
  rejectsQueue?: (reason: unknown) => boolean,
): { writer: HandDrivenWriter; committer: GroupCommitter<string, string> } {
  const writer = new HandDrivenWriter();
  const committer = new GroupCommitter<string, string>({
    operation: 'test',
    write: writer.write,
    bytesOf: (item) => item.length,
    settings: { ...SETTINGS, ...settings },
    ...(rejectsQueue && { rejectsQueue }),
    observe,
  });
  return { writer, committer };
}

function reasonOf(settled: PromiseSettledResult<unknown>): unknown {
  return settled.status === 'rejected' ? settled.reason : undefined;
}

describe(GroupCommitter.name, () => {
  it('writes everything of one event-loop turn in one batch', async () => {
    const { writer, committer } = aCommitter();

    const results = Promise.all([committer.add('a'), committer.add('b')]);
    await nextTurn();

    expect(writer.items).toEqual([['a', 'b']]);
    await writer.finish(0);
    expect(await results).toEqual(['a!', 'b!']);
  });

  it('collects while a batch is in flight and writes the collected ones next', async () => {
    const { writer, committer } = aCommitter();

    const first = committer.add('a');
    await nextTurn();
    const later = [committer.add('b'), committer.add('c')];
    await nextTurn();
    expect(writer.items).toEqual([['a']]);

    await writer.finish(0);
    expect(writer.items).toEqual([['a'], ['b', 'c']]);
    await writer.finish(1);
    expect(await Promise.all([first, ...later])).toEqual(['a!', 'b!', 'c!']);
  });

  it('has as many batches in flight as it may, which can finish in any order', async () => {
    const { writer, committer } = aCommitter({ batchesInFlightMax: 2, batchItemsMax: 1 });

    const results = ['a', 'b', 'c'].map((item) => committer.add(item));
    expect(writer.items).toEqual([['a'], ['b']]);

    await writer.finish(1);
    expect(await results[1]).toBe('b!');
    expect(writer.items).toEqual([['a'], ['b'], ['c']]);
    await writer.finish(2);
    await writer.finish(0);
    expect(await Promise.all(results)).toEqual(['a!', 'b!', 'c!']);
  });

  it('sends a full batch without waiting for the end of the turn', () => {
    const { writer, committer } = aCommitter();

    for (const item of ['a', 'b', 'c', 'd', 'e']) void committer.add(item);

    expect(writer.items).toEqual([['a', 'b', 'c', 'd']]);
  });

  it('cuts a batch before it is too large in bytes, and sends a larger item alone', async () => {
    const { writer, committer } = aCommitter({ batchBytesMax: 5 });

    for (const item of ['aa', 'bb', 'cc', 'dddddd']) void committer.add(item);
    await writer.finish(0);
    await writer.finish(1);

    expect(writer.items).toEqual([['aa', 'bb'], ['cc'], ['dddddd']]);
  });

  it.each([
    ['items', { queueItemsMax: 2 }],
    ['bytes', { queueBytesMax: 2 }],
  ])('refuses what goes beyond the bound on waiting %s, and takes more later', async (_, bound) => {
    const { writer, committer } = aCommitter(bound);
    void committer.add('a');
    await nextTurn();

    const waiting = [committer.add('b'), committer.add('c')];
    await expect(committer.add('d')).rejects.toThrow(StoreOverloadedError);
    await writer.finish(0);
    await writer.finish(1);

    expect(await Promise.all(waiting)).toEqual(['b!', 'c!']);
    const again = committer.add('d');
    await nextTurn();
    await writer.finish(2);
    expect(await again).toBe('d!');
  });

  it('rejects all items of a batch that fails, and none of the next', async () => {
    const { writer, committer } = aCommitter();
    const failed = Promise.allSettled([committer.add('a'), committer.add('b')]);
    await nextTurn();
    const next = committer.add('c');

    const broken = new Error('broken');
    writer.batches[0]?.fail(broken);
    expect(await failed).toEqual([
      { status: 'rejected', reason: broken },
      { status: 'rejected', reason: broken },
    ]);

    await nextTurn();
    await writer.finish(1);
    expect(await next).toBe('c!');
  });

  it('rejects what waits behind an error that says so, and takes what comes after it', async () => {
    const { writer, committer } = aCommitter({}, undefined, (reason) => reason === UNKNOWN);
    const added = Promise.allSettled(
      ['a', 'b', 'c', 'd', 'e', 'f'].map((one) => committer.add(one)),
    );
    writer.batches[0]?.fail(UNKNOWN);

    expect((await added).map(reasonOf)).toEqual(Array.from({ length: 6 }, () => UNKNOWN));
    const later = committer.add('g');
    await nextTurn();
    expect(writer.items).toEqual([['a', 'b', 'c', 'd'], ['g']]);
    await writer.finish(1);
    expect(await later).toBe('g!');
  });

  it('rejects what waits behind one item with such an error, and nothing behind another error', async () => {
    const { writer, committer } = aCommitter({}, undefined, (reason) => reason === UNKNOWN);
    const written = { status: 'fulfilled', value: 'a!' } as const;
    for (const reason of [new Error('another'), UNKNOWN]) {
      const added = Promise.allSettled(['a', 'b', 'c', 'd', 'e'].map((one) => committer.add(one)));
      const at = writer.batches.length - 1;
      await writer.finish(at, [written, { status: 'rejected', reason }, written, written]);
      if (reason !== UNKNOWN) await writer.finish(at + 1);

      expect((await added).map(({ status }) => status)).toEqual([
        ...['fulfilled', 'rejected', 'fulfilled', 'fulfilled'],
        reason === UNKNOWN ? 'rejected' : 'fulfilled',
      ]);
    }
  });

  it('gives each item its own outcome', async () => {
    const { writer, committer } = aCommitter();
    const results = Promise.allSettled([committer.add('a'), committer.add('b')]);
    await nextTurn();

    const reason = new Error('only this one');
    const outcomes: Outcomes = [
      { status: 'rejected', reason },
      { status: 'fulfilled', value: 'fine' },
    ];
    await writer.finish(0, outcomes);

    expect(await results).toEqual(outcomes);
  });

  it('rejects an item that the writer forgot, so that nobody waits for ever', async () => {
    const { writer, committer } = aCommitter();
    const results = Promise.allSettled([committer.add('a'), committer.add('b')]);
    await nextTurn();

    await writer.finish(0, [{ status: 'fulfilled', value: 'fine' }]);

    expect((await results)[1]).toMatchObject({ status: 'rejected' });
  });

  it('lingers for company after a batch of several, unless the next is full', async () => {
    const { writer, committer } = aCommitter({ lingerMs: 2 ** 30 });
    void committer.add('a');
    void committer.add('b');
    await nextTurn();
    await writer.finish(0);

    for (const item of ['c', 'd', 'e']) void committer.add(item);
    await nextTurn();
    expect(writer.items).toEqual([['a', 'b']]);

    void committer.add('f');
    expect(writer.items).toEqual([
      ['a', 'b'],
      ['c', 'd', 'e', 'f'],
    ]);
  });

  it('does not linger for a caller who is alone', async () => {
    const { writer, committer } = aCommitter({ lingerMs: 2 ** 30 });

    for (const [index, item] of ['a', 'b', 'c'].entries()) {
      void committer.add(item);
      await nextTurn();
      await writer.finish(index);
    }

    expect(writer.items).toEqual([['a'], ['b'], ['c']]);
  });

  it('writes what lingered when the time is over', async () => {
    const { writer, committer } = aCommitter({ lingerMs: 1 });
    void committer.add('a');
    void committer.add('b');
    await nextTurn();
    await writer.finish(0);

    void committer.add('c');
    while (writer.batches.length < 2) await nextTurn();

    expect(writer.items).toEqual([['a', 'b'], ['c']]);
  });

  it('tells how large each batch was, also of one that failed', async () => {
    const seen: BatchFacts[] = [];
    const { writer, committer } = aCommitter({}, (batch) => seen.push(batch));
    const results = Promise.allSettled([committer.add('a'), committer.add('b')]);
    await nextTurn();

    writer.batches[0]?.fail(new Error('broken'));
    await results;

    expect(seen).toMatchObject([{ operation: 'test', items: 2 }]);
  });
});
