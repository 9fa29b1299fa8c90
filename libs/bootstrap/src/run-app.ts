import {
  formerNamesSet,
  type ConfigClass,
  type Environment,
  type FlowConfig,
  InvalidConfigError,
  loadConfig,
  misspeltNames,
} from '@app/config';
import { createLogger, type Log, NestLog } from '@app/observability';
import { HealthRegistry } from './health/health-registry.js';
import { ShutdownSequence, type ShutdownStep } from './shutdown-sequence.js';
import { Logger } from '@nestjs/common';

/** The parts of a process that exist before Nest is created and after it is closed. */
export interface AppProcess<Config extends FlowConfig> {
  readonly config: Config;
  readonly log: Log;
  readonly health: HealthRegistry;
}

export interface AppDescription<Config extends FlowConfig> {
  /** As it is named in log lines. */
  readonly name: string;
  readonly config: ConfigClass<Config>;
  readonly env: Environment;
  /** Starts the app; resolves when it listens, with the steps that stop it, in order. */
  readonly start: (process: AppProcess<Config>) => Promise<readonly ShutdownStep[]>;
}

/**
 * Runs a process from its configuration to its last step. Problems of the configuration are printed at once and in
 * full, before anything connects; then, as after a failed start, the process exits with 1.
 */
export async function runApp<Config extends FlowConfig>(
  app: AppDescription<Config>,
): Promise<void> {
  const config = configOrExit(app.config, app.env);
  const log = createLogger({
    app: app.name,
    level: config.LOG_LEVEL,
    format: config.LOG_FORMAT,
    routineLinesPerSecondMax: config.LOG_ROUTINE_LINES_PER_SECOND_MAX,
  });
  Logger.overrideLogger(new NestLog(log));
  if (!config.EVENTING_AUTH_ENABLED) {
    log.warn(
      {},
      'AUTHORIZATION IS OFF (EVENTING_AUTH_ENABLED=false): anybody can start any workflow',
    );
  }
  const health = new HealthRegistry();
  const notReady = {
    name: 'no longer ready',
    run: () => {
      health.stop();
    },
  };
  const doubtful = [formerNamesSet, misspeltNames].flatMap((of) => of(app.config, app.env));
  for (const line of doubtful) log.warn({}, line);
  try {
    const steps = await app.start({ config, log, health });
    const graceMs = config.SHUTDOWN_MS_MAX;
    new ShutdownSequence(process, { log, graceMs, steps: [notReady, ...steps] }).listen();
    health.started();
    log.info({ pid: process.pid }, `${app.name} is up`);
  } catch (err) {
    log.error({ err }, `${app.name} can't start`);
    process.exit(1);
  }
}

function configOrExit<Config extends FlowConfig>(
  configClass: ConfigClass<Config>,
  env: Environment,
): Config {
  try {
    return loadConfig(configClass, env);
  } catch (error) {
    if (!(error instanceof InvalidConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}
