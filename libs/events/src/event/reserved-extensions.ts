import { type CloudEvent } from './cloud-event.js';

/** The extension in which a publisher inside the network puts its token; never stored and never sent back. */
const TOKEN = 'token';

/** The extension in which a receipt names the activity; senders can't set it. */
const ACTIVITY_ID = 'activityid';

const RESERVED: ReadonlySet<string> = new Set([TOKEN, ACTIVITY_ID]);

export interface Stripped {
  /** The event without either extension; the same object if it had none. */
  readonly event: CloudEvent;
  /** The extension `token`, if it was a string. Over HTTP it is no credential: ignore it. */
  readonly token: string | undefined;
}

/** Removes the extensions that a sender may not set. Call it first on every incoming event. */
export function stripReserved(event: CloudEvent): Stripped {
  const { extensions } = event;
  if (!Object.keys(extensions).some((name) => RESERVED.has(name))) {
    return { event, token: undefined };
  }
  const token = extensions[TOKEN];
  const others = Object.entries(extensions).filter(([name]) => !RESERVED.has(name));
  return {
    event: { ...event, extensions: Object.fromEntries(others) },
    token: typeof token === 'string' ? token : undefined,
  };
}
