import { DISPATCH_BATCH_ITEMS_MAX, type WrittenDispatch } from '@app/events';
import { aDispatch } from '@app/events/testing';
import { TurnBatches } from './turn-batches.js';

/** How many went together, of dispatches with events of so many bytes that came in one turn. */
async function sizesOf(...bytes: readonly number[]): Promise<readonly number[]> {
  const sizes: number[] = [];
  const send = async (members: readonly WrittenDispatch[]): Promise<void> => {
    sizes.push(members.length);
  };
  const batches = new TurnBatches({ send, onSent: () => undefined });
  await Promise.all(
    bytes.map((one) => batches.add({ dispatch: aDispatch(), text: '', bytes: one })),
  );
  return sizes;
}

describe(TurnBatches.name, () => {
  it('has a bounded number of dispatches in a batch', async () => {
    const max = DISPATCH_BATCH_ITEMS_MAX;
    expect(await sizesOf(...Array<number>(2 * max + 1).fill(10))).toEqual([max, max, 1]);
  });

  it('has a bounded number of bytes in a batch, facts of each event included', async () => {
    expect(await sizesOf(...Array<number>(9).fill(7_680))).toEqual([8, 1]);
  });

  it('sends a large dispatch by itself, without delaying others', async () => {
    expect(await sizesOf(10, 9_000, 10, 9_000)).toEqual([1, 1, 2]);
  });
});
