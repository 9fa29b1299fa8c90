import { setTimeout as delay } from 'node:timers/promises';

const BATCH_ITEMS_MAX = 256;
const LINGER_MS = 2;

/**
 * All who write at the same moment share one write: one batch in flight, and two milliseconds for
 * company once there is any. The apps do the same.
 *
 * @template T
 * @param {(items: T[]) => Promise<void>} write
 * @returns {(item: T) => Promise<void>} resolves when the item is durable
 */
export function groupCommit(write) {
  /** @type {{ item: T, resolve: () => void, reject: (reason: unknown) => void }[]} */
  const queue = [];
  let writing = false;

  async function writeAll() {
    for (let lastItems = 1; queue.length > 0;) {
      if (lastItems > 1 && queue.length < BATCH_ITEMS_MAX) await delay(LINGER_MS);
      const batch = queue.splice(0, BATCH_ITEMS_MAX);
      lastItems = batch.length;
      await write(batch.map(({ item }) => item)).then(
        () => {
          for (const { resolve } of batch) resolve();
        },
        (/** @type {unknown} */ error) => {
          for (const { reject } of batch) reject(error);
        },
      );
    }
    writing = false;
  }

  return (item) =>
    new Promise((resolve, reject) => {
      queue.push({ item, resolve, reject });
      if (writing) return;
      writing = true;
      setImmediate(() => void writeAll());
    });
}
