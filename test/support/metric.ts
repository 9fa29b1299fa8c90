import { operationsUrl } from '../../tools/start/app-process.mjs';
import { ask } from './answer.js';

/**
 * The value of a counter or gauge of an app; 0 if the app does not report it.
 * @param line name and labels as Prometheus prints them: `flow_dispatched_total{transport="nats"}`
 */
export async function metricOf(appUrl: string, line: string): Promise<number> {
  const { body } = await ask(`${operationsUrl(appUrl)}/metrics`);
  const lines = String(body).split('\n');
  const found = lines.find((text) => text.startsWith(`${line} `));
  // A sum, or another of them, is wanted: 0 would be true of nothing.
  if (lines.some((text) => text.startsWith(`${line}{`))) throw new Error(`${line} has labels`);
  return found === undefined ? 0 : Number(found.slice(line.length + 1));
}

/**
 * The sum of a metric over all its labels.
 * @param name `flow_dead_letters_total`
 */
export async function metricsOf(appUrl: string, name: string): Promise<number> {
  const { body } = await ask(`${operationsUrl(appUrl)}/metrics`);
  return String(body)
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}
