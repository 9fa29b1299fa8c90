/**
 * A compose file, and what the checks do to it.
 *
 * @typedef {object} Form
 * @property {string} name of the project
 * @property {string} file
 * @property {readonly string[]} killed services that are killed one after the other
 * @property {readonly string[]} mongods the first one makes the users
 */

const APPS = ['listener', 'workflow-executor', 'gateway'];

/** @type {readonly Form[]} */
export const FORMS = [
  {
    name: 'flow-check',
    file: 'docker-compose.yml',
    killed: [...APPS, 'nats', 'mongodb'],
    mongods: ['mongodb'],
  },
  {
    name: 'flow-check-cluster',
    file: 'docker-compose.cluster.yml',
    killed: [...APPS, 'nats-1', 'nats-2', 'nats-3', 'mongodb-1', 'mongodb-2', 'mongodb-3'],
    mongods: ['mongodb-1', 'mongodb-2', 'mongodb-3'],
  },
];
