export { MemoryDispatcher } from './memory-dispatcher.js';
