import path from 'node:path';
import process from 'node:process';
import { projectRoot } from '../project/project-root.mjs';
import { sampleActivityId, sampleEvent } from './sample.mjs';

/**
 * @param {import('./run-system.mjs').System} system
 * @returns {string} JSON in one line, for scripts
 */
export function reportForScripts(system) {
  const { listenerUrl, executorUrl, mongodbUrl, natsUrl, workflowId, token, adminToken, pids } =
    system;
  const { listenerOperationsUrl, executorOperationsUrl } = system;
  const operations = { listenerOperationsUrl, executorOperationsUrl };
  const places = { listenerUrl, executorUrl, ...operations, mongodbUrl, natsUrl: natsUrl ?? null };
  return `${JSON.stringify({ ...places, workflowId, token, adminToken, pids })}\n`;
}

/**
 * @param {import('./run-system.mjs').System} system
 * @returns {string} the text for a person
 */
export function reportForPeople(system) {
  const folder = fromHere(system.dataFolder);
  return `
Flow Eventing is running.

  listener   ${system.listenerUrl}   events come in here
  executor   ${system.executorUrl}   runs workflows, serves the API
  operators  ${system.listenerOperationsUrl}   /metrics and /health of the listener
             ${system.executorOperationsUrl}   and of the executor
  mongodb    ${system.mongodbUrl}
  nats       ${system.natsUrl ?? 'none (--driver http)'}
  data       ${folder}   logs in ${path.join(folder, 'logs')}, tokens in ${path.join(folder, 'start.json')}
${adminTokenLine(system)}
Send the sample event to the workflow "${system.workflowId}":

${curlLine(system)}

See what it did, task by task:

${activityLine(system)}

The same event again starts nothing: change its "id" for another run. Ctrl-C stops everything.
`;
}

/** @param {import('./run-system.mjs').System} system */
function adminTokenLine({ isFirstStart, adminToken }) {
  return isFirstStart ? `\n  The API's admin token, shown this once: ${adminToken}\n` : '';
}

/** @param {import('./run-system.mjs').System} system */
function curlLine({ listenerUrl, workflowId, token }) {
  const headers = [`Authorization: Bearer ${token}`, 'Content-Type: application/cloudevents+json'];
  return [
    `curl -i -X POST ${listenerUrl}/listener/event`,
    ...headers.map((header) => `-H '${header}'`),
    `-d '${JSON.stringify(sampleEvent(workflowId))}'`,
  ].join(' ');
}

/** @param {import('./run-system.mjs').System} system */
function activityLine({ dataFolder, workflowId }) {
  const script = fromHere(path.join(projectRoot, 'tools/activity.mjs'));
  const isUsual = dataFolder === path.join(projectRoot, '.data');
  const option = isUsual ? '' : ` --data-dir ${fromHere(dataFolder)}`;
  return `node ${script} ${sampleActivityId(workflowId)}${option}`;
}

/**
 * @param {string} file
 * @returns {string} relative to the folder in which `npm start` was called
 */
function fromHere(file) {
  const here = process.env['INIT_CWD'] ?? process.cwd();
  const relative = path.relative(here, file) || '.';
  return relative.startsWith('..') ? file : relative;
}
