/* A worker that returns its input, so that the duration of its tasks is that of the transport. */
import process from 'node:process';
import { serve } from '@flow-eventing/worker-sdk';

const [servers = '', queue = '', concurrency = '1'] = process.argv.slice(2);

const worker = await serve(queue, ({ input }) => ({ input }), {
  servers,
  concurrency: Number(concurrency),
  onError: (error) => process.stderr.write(`${String(error)}\n`),
});
process.once('SIGTERM', () => void worker.stop());
process.stdout.write('ready\n');
