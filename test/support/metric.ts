import { operationsUrl } from '../../tools/start/app-process.mjs';
import { ask } from './answer.js';

/**
 * What a counter or gauge of an app stands at; 0 if it is not there.
 * @param line name and labels as Prometheus prints them: `flow_dispatched_total{transport="nats"}`
 */
export async function metricOf(appUrl: string, line: string): Promise<number> {
  const { body } = await ask(`${operationsUrl(appUrl)}/metrics`);
  const found = String(body)
    .split('\n')
    .find((text) => text.startsWith(`${line} `));
  return found === undefined ? 0 : Number(found.slice(line.length + 1));
}
