import process from 'node:process';
import { MongoBinary } from 'mongodb-memory-server-core';
import { messageOf, say } from '../project/say.mjs';

/** Downloads the official mongod for this system into the given folder. */
const [, , downloadDir] = process.argv;
try {
  if (!downloadDir) throw new Error('Usage: download-official-mongodb.mjs <folder>');
  await MongoBinary.getPath({ downloadDir, checkMD5: true });
} catch (error) {
  say(messageOf(error));
  process.exitCode = 1;
}
