import { type FlowConfig } from '@app/config';
import { type FlowMetrics } from '@app/observability';
import { OperationsServer } from './operations-server.js';
import { type ShutdownStep } from '../shutdown-sequence.js';
import { type AppProcess } from '../run-app.js';

/**
 * Serves metrics and health on a port of their own.
 * @returns the last step of a stop: until then operators see how it goes
 */
export async function serveOperations<
  Config extends FlowConfig & { readonly OPERATIONS_PORT: number },
>({ config, log, health }: AppProcess<Config>, metrics: FlowMetrics): Promise<ShutdownStep> {
  metrics.reportDependencies(() => health.readiness().dependencies);
  const server = new OperationsServer(health, metrics);
  const { OPERATIONS_HOST: host, OPERATIONS_PORT: port } = config;
  const url = await server.listen({ host, port });
  log.info({ url }, 'Metrics and health are here');
  return { name: 'close the port for operators', leaves: true, run: () => server.close() };
}
