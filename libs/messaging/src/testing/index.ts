export { describeDispatcher, type DispatcherHarness } from './dispatcher.contract.js';
export { MemoryDispatcher } from './memory-dispatcher.js';
