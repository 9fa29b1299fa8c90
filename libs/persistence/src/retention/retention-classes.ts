/** The classes of ended activities, each with a retention time of its own. */
export const RETENTION_CLASSES = ['succeeded', 'failed', 'refused'] as const;
export type RetentionClass = (typeof RETENTION_CLASSES)[number];
