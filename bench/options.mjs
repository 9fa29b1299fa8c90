import { parseArgs } from 'node:util';

export const USAGE = `Usage: npm run bench -- [options]

Measures the floors, the bare pipeline and the apps in one run on this machine. Linux only.

  --seconds <n>          how long events come in for sustained figures (default: 60); all other
                         figures take a sixth of it
  --quick                6 seconds, one round instead of three, 10,000 activities instead of 100,000
  --only <letters>       some parts (default: abcdefhi; see bench/README.md)
  --peers                instead: us, the bare pipeline and BullMQ in turn, and batches of events;
                         needs a redis-server on the PATH, and takes wrk for the load if it is there
  --nats-sync <when>     JetStream's sync_interval: always, or a duration (default: 2m)
  --json <file>          where the figures go (default: .data/bench.json)
  --profile <folder>     writes CPU profiles of both apps there; they are slower then
  --help                 print this
`;

const PARTS = 'abcdefhi';

/**
 * @typedef {object} BenchOptions
 * @property {boolean} help
 * @property {boolean} peers
 * @property {number} seconds
 * @property {number} rounds
 * @property {number} storedActivities
 * @property {string} parts
 * @property {string} natsSync
 * @property {string} jsonFile
 * @property {string | undefined} profileFolder
 *
 * @param {string[]} args
 * @returns {BenchOptions}
 * @throws {TypeError} if an option is unknown or makes no sense
 */
export function parseOptions(args) {
  const { values } = parseArgs({
    args,
    options: {
      help: { type: 'boolean', default: false },
      seconds: { type: 'string' },
      peers: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      only: { type: 'string', default: PARTS },
      'nats-sync': { type: 'string', default: '2m' },
      json: { type: 'string', default: '.data/bench.json' },
      profile: { type: 'string' },
    },
  });
  const seconds = Number(values.seconds ?? (values.quick ? 6 : 60));
  if (!(seconds >= 6)) throw new TypeError('--seconds is a number from 6');
  if (!/^[abcdefhi]+$/.test(values.only)) throw new TypeError(`--only is some of ${PARTS}`);
  return {
    help: values.help,
    peers: values.peers,
    seconds,
    rounds: values.quick ? 1 : 3,
    storedActivities: values.quick ? 10_000 : 100_000,
    parts: values.only,
    natsSync: values['nats-sync'],
    jsonFile: values.json,
    profileFolder: values.profile,
  };
}
