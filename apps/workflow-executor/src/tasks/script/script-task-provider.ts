import { jsonLimits } from '@app/bootstrap';
import { type FlowMetrics } from '@app/observability';
import { type WorkflowExecutorConfig } from '../../workflow-executor.config.js';
import { CallLimiter } from '../call-limiter.js';
import { type ScriptLimits } from './script-answer.js';
import { ScriptTaskHandler } from './script-task-handler.js';

const MEBIBYTE = 1_048_576;

/** @param bytesMax of the runs whose scripts run or wait */
export function scriptTaskHandler(
  config: WorkflowExecutorConfig,
  metrics: FlowMetrics,
  bytesMax: number,
): ScriptTaskHandler {
  const threads = config.SCRIPT_THREADS_MAX;
  const limiter = new CallLimiter({
    callsMax: threads,
    perOriginMax: threads,
    perWorkflowMax: threads,
    // There is one line, which may have a quarter.
    waitingMax: config.SCRIPTS_WAITING_MAX * 4,
    bytesPerOriginMax: bytesMax,
  });
  metrics.gauges.inFlight('scripts', () => limiter.calls);
  metrics.gauges.inFlight('scripts_waiting', () => limiter.waiting);
  return new ScriptTaskHandler(limiter, scriptLimits(config), jsonLimits(config), {
    ran: (outcome, ms) => {
      metrics.scriptRan(outcome, ms / 1_000);
    },
    threadLost: () => {
      metrics.scriptThreadLost();
    },
  });
}

/** The limits of one script. */
export function scriptLimits(config: WorkflowExecutorConfig): ScriptLimits {
  return {
    msMax: config.SCRIPT_MS_MAX,
    memoryBytesMax: config.SCRIPT_MEMORY_MEBIBYTES_MAX * MEBIBYTE,
    resultBytesMax: config.SCRIPT_RESULT_BYTES_MAX,
  };
}
