import { openWorkQueue, publisher } from './jetstream.mjs';
import { serveEvents } from './serve-events.mjs';

/** The floor of a listener that only queues: it answers when JetStream has stored the event. */
const { connection } = await openWorkQueue();
const publish = publisher(connection);
await serveEvents((event) => publish(JSON.stringify(event)));
