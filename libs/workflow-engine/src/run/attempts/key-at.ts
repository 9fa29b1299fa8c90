import { type Attempt } from './end-attempt.js';

/** When the first attempt with the key of this one was handed out: what is sent under one key is the same each time. */
export function keyAtOf({ keyAt, startedAt }: Pick<Attempt, 'keyAt' | 'startedAt'>): number {
  return keyAt ?? startedAt;
}
