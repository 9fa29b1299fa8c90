/** What may start a workflow (design section 2). */
export const TRIGGER_KINDS = [
  'manual',
  'schedule',
  'webhook',
  'event',
  'slack',
  'dockerhub',
  'github',
] as const;

export type TriggerKind = (typeof TRIGGER_KINDS)[number];
