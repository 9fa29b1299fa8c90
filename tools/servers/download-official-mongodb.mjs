import process from 'node:process';
import { MongoBinary } from 'mongodb-memory-server-core';

const [, , downloadDir] = process.argv;
if (!downloadDir) throw new Error('Usage: download-official-mongodb.mjs <folder>');
await MongoBinary.getPath({ downloadDir, checkMD5: true });
