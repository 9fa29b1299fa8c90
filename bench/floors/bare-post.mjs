import { serveEvents } from './serve-events.mjs';

/** The floor under every listener: a POST whose body is parsed, and nothing else. */
await serveEvents(() => Promise.resolve());
