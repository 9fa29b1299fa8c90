export { type LogLine, MemoryLog } from './memory-log.js';
