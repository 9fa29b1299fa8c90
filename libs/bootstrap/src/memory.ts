import { getHeapStatistics } from 'node:v8';

/**
 * What this process may have for values, in bytes: V8's bound on its heap, which it takes from the
 * machine or the container (half of the memory, up to some GiB) or from `--max-old-space-size`; less,
 * if the container itself has less.
 */
export function memoryBytesMax(): number {
  const container = process.constrainedMemory();
  const heap = getHeapStatistics().heap_size_limit;
  // 0, or more than there is: no bound.
  return container > 0 ? Math.min(heap, container) : heap;
}
