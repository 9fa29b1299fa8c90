import { serveEvents } from './serve-events.mjs';

/** The floor of every listener: a POST whose body is parsed, and nothing else. */
await serveEvents(() => Promise.resolve());
