import { CHILD_ENDED, isFinal, postTo } from '@app/workflow-engine';
import { type AddEntries } from '../outbox/tell-status.js';

/** Does as `tell`, and adds an entry for the waiting task of the parent, in the commit that ends a child run. */
export function tellParent(tell: AddEntries): AddEntries {
  return (before, step, now, origin) => {
    const told = tell(before, step, now, origin);
    const hasEnded = isFinal(step.state.status) && before.state?.status !== step.state.status;
    if (!hasEnded || origin.parent?.waits !== true) return told;
    const draft = { kind: CHILD_ENDED, key: CHILD_ENDED, payload: {} };
    return postTo(told, draft, before.outbox, now) ?? told;
  };
}
