/** What may start a workflow (docs/design.md#words). */
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
