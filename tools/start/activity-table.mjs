/**
 * The members of the API's answer that are shown.
 *
 * @typedef {object} Activity
 * @property {string} workflowId
 * @property {string} status
 * @property {number} [durationMs]
 * @property {readonly Task[]} tasks
 * @property {Readonly<Record<string, unknown>>} results
 * @property {{ code: string, message: string }} [failure]
 * @property {readonly Wait[]} [waitingFor]
 *
 * @typedef {object} Wait
 * @property {string} [task]
 * @property {string} kind
 * @property {string} what
 * @property {string} [until]
 *
 * @typedef {object} Task
 * @property {string} name
 * @property {string} status
 * @property {number} [attempt]
 * @property {unknown} [progress] of a map, and of a task that a worker has
 * @property {Readonly<Record<string, unknown>>} [results]
 * @property {string} [decision]
 * @property {{ code: string, message: string }} [failure]
 */

/** Waits for a process of the system, or for a call that it makes: they are over in a moment. */
const MOVING = ['executor', 'call', 'delivery'];

const FINAL = ['succeeded', 'failed', 'cancelled', 'timedout'];

/**
 * Whether the activity is over, or stays as it is until something comes from outside: a person, an event, time.
 *
 * @param {Activity} activity
 * @returns {boolean}
 */
export function isAtRest({ status, waitingFor = [] }) {
  const isMoving = waitingFor.some(({ kind }) => MOVING.includes(kind));
  return FINAL.includes(status) || (waitingFor.length > 0 && !isMoving);
}

/**
 * @param {Activity} activity
 * @returns {string} a line for the run, one for each task and one for each result
 */
export function describeActivity(activity) {
  const { workflowId, status, durationMs, tasks, results, failure, waitingFor = [] } = activity;
  const took = durationMs === undefined ? '' : ` in ${durationMs} ms`;
  const why = failure ? `: ${failure.code}, ${failure.message}` : '';
  const widths = [
    columnWidth(tasks.map(({ name }) => name)),
    columnWidth(tasks.map((task) => task.status)),
  ];
  return [
    `Workflow "${workflowId}" ${status}${took}${why}`,
    '',
    'Tasks',
    ...tasks.map((task) => row([task.name, task.status, outcomeOf(task)], widths)),
    '',
    'Results',
    ...Object.entries(results).map(([name, value]) => row([name, JSON.stringify(value)], widths)),
    '',
    ...(waitingFor.length > 0 ? ['Waits for', ...waitingFor.map(lineOf), ''] : []),
  ].join('\n');
}

/** @param {Wait} wait */
function lineOf({ task, what, until }) {
  const end = until === undefined ? '' : `, until ${until}`;
  return `  ${task === undefined ? '' : `${task}: `}${what}${end}`;
}

/** @param {Task} task */
function outcomeOf(task) {
  const { attempt = 1 } = task;
  return [...(attempt > 1 ? [`attempt ${attempt}`] : []), ...detailOf(task)].join(', ');
}

/** @param {Task} task */
function detailOf({ results, decision, failure, progress }) {
  if (failure) return [`${failure.code}: ${failure.message}`];
  if (decision !== undefined) return [`decided on ${JSON.stringify(decision)}`];
  if (progress !== undefined) return [JSON.stringify(progress)];
  return results && Object.keys(results).length > 0 ? [JSON.stringify(results)] : [];
}

/** @param {readonly string[]} cells */
function columnWidth(cells) {
  return Math.max(0, ...cells.map(({ length }) => length));
}

/**
 * @param {readonly string[]} cells
 * @param {readonly number[]} widths
 */
function row(cells, widths) {
  return `  ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd();
}
