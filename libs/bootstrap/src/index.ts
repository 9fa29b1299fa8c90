export {
  memoryBytesMax,
  httpOptions,
  jsonLimits,
  listenOptions,
  persistenceSettings,
  natsSettings,
  signingKeys,
  listeningUrl,
} from './settings.js';
export { watchConsumers, watchMongo, watchNats, watchSchema } from './health/dependencies.js';
export { observeTopology, onlyInNats, topologySettings } from './jetstream.js';
export { serveOperations } from './operations/operations-server.js';
export { type AppProcess, runApp } from './run-app.js';
export { type ShutdownStep } from './shutdown-sequence.js';
