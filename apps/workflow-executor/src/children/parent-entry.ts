import { CHILD_ENDED, isFinal, postTo } from '@app/workflow-engine';
import { type AddEntries } from '../outbox/status-entries.js';

/** Does as `add`, and adds an entry for the waiting task of the parent, in the commit that ends a child run. */
export function withParentEntry(add: AddEntries): AddEntries {
  return (before, step, now, origin) => {
    const added = add(before, step, now, origin);
    const hasEnded = isFinal(step.state.status) && before.state?.status !== step.state.status;
    if (!hasEnded || origin.parent?.waits !== true) return added;
    const draft = { kind: CHILD_ENDED, key: CHILD_ENDED, payload: {} };
    return postTo(added, draft, before.outbox, now) ?? added;
  };
}
