import { setTimeout as delay } from 'node:timers/promises';

const BATCH_ITEMS_MAX = 256;
const LINGER_MS = 2;

/**
 * A group commit like that of the apps: concurrent items share one write. One batch is in flight at a time, and after a
 * batch with several items the next one waits two milliseconds for further items.
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
