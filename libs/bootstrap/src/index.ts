export { memoryBytesMax } from './memory.js';
export { watchConsumers, watchMongo, watchNats, watchSchema } from './health/dependencies.js';
export { observeTopology, onlyInNats, topologySettings } from './jetstream.js';
export { listeningUrl } from './listening-url.js';
export { serveOperations } from './operations/serve-operations.js';
export { type AppProcess, runApp } from './run-app.js';
export {
  httpOptions,
  jsonLimits,
  listenOptions,
  persistenceSettings,
  signingKeys,
} from './settings.js';
export { type ShutdownStep } from './shutdown-sequence.js';
