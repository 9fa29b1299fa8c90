/*
 * Is imported into a service that is measured (`--import`): on SIGUSR2 it collects its garbage and writes what it
 * uses then to the file in `HEAP_REPORT`.
 */
import { renameSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
/** @type {unknown} */
const gc = runInNewContext('gc');
const collect = /** @type {() => void} */ (gc);
const file = process.env['HEAP_REPORT'] ?? '';

process.on('SIGUSR2', () => {
  // The second collection frees what waited for finalizers in the first.
  collect();
  setImmediate(() => {
    collect();
    const { heapUsed, external, rss } = process.memoryUsage();
    // The file appears with its whole content, because a reader polls for it.
    writeFileSync(`${file}.new`, JSON.stringify({ heapUsed, external, rss }));
    renameSync(`${file}.new`, file);
  });
});
