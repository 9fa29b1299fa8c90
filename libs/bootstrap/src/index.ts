export { watchMongo, watchNats } from './dependencies.js';
export { type AppProcess, runApp } from './run-app.js';
export { httpOptions, persistenceSettings } from './settings.js';
