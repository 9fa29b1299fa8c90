export { MemoryLog } from './memory-log.js';
