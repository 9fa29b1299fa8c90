import { type CloudEvent } from './cloud-event.js';

/** Where an internal publisher puts its credential; never stored and never sent back. */
const TOKEN = 'token';

/** Ours to give: an event names the activity it started in receipts. */
const ACTIVITY_ID = 'activityid';

const RESERVED: ReadonlySet<string> = new Set([TOKEN, ACTIVITY_ID]);

export interface Stripped {
  /** Without either extension; the very same event if it had none. */
  readonly event: CloudEvent;
  /** What the event had as `token`, if that was a text. Over HTTP it is no credential: ignore it. */
  readonly token: string | undefined;
}

/** Takes out of an event what its sender has no say in. The first thing to do with any that comes in. */
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
