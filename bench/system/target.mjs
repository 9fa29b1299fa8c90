/**
 * A system to which events are sent, and its figures.
 *
 * @typedef {object} Target
 * @property {string} url that takes structured CloudEvents
 * @property {Record<string, string>} headers
 * @property {string} workflowId that its events name in their subject
 * @property {Readonly<Record<string, number>>} pids of all processes that take part, by name
 * @property {() => Promise<void>} stop
 *
 * @typedef {object} Execution the figures of a target that also runs what it accepts
 * @property {() => Promise<number>} completed how many activities have ended well since it started
 * @property {(eventId: string) => string} activityIdOf
 * @property {import('mongoose').mongo.Collection<{ _id: string }>} activities
 *
 * @typedef {Target & Execution} ExecutingTarget
 * @typedef {Target & Pick<Execution, 'completed'>} CompletingTarget
 */

export const JSON_EVENT = { 'content-type': 'application/cloudevents+json' };
