/**
 * What a query must say so that MongoDB takes a partial index (see activity.schema.ts): each is true
 * of all the query is about, which MongoDB can't know by itself.
 */

/**
 * Whatever is not final, or has still something to deliver, has a wake-up; as a range, the index alone
 * can tell.
 */
export const IS_OPEN = { wakeAt: { $gte: new Date(0) } } as const;

/** Whatever failed, was cancelled, timed out or was refused has a failure, and nothing else has. */
export const NEEDS_ATTENTION = { failure: { $exists: true } } as const;
