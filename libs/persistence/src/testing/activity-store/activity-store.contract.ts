import { type ActivityStore } from '../../activities/activity-store.js';
import { describeChildren } from './activity-store-children.contract.js';
import { describeRetries } from './activity-store-retries.contract.js';
import { describeClaim } from './activity-store-claim.contract.js';
import { describeCommit } from './activity-store-commit.contract.js';
import { describeLater } from './activity-store-later.contract.js';
import { describeList } from './activity-store-list.contract.js';
import { describeRecordEarlier } from './activity-store-earlier.contract.js';
import { describeRecord } from './activity-store-record.contract.js';
import { describeOutbox } from './activity-store-outbox.contract.js';
import { describeRequires } from './activity-store-requires.contract.js';
import { describeResults } from './activity-store-results.contract.js';
import { describeOpenWaits } from './activity-store-open-waits.contract.js';
import { describeWalk } from './activity-store-walk.contract.js';
import { describeWaits } from './activity-store-waits.contract.js';
import { describeSignalsTogether } from './activity-store-together.contract.js';
import { describeSignal } from './activity-store-signal.contract.js';

/** What every `ActivityStore` does; `theStore` gives an empty one. */
export function describeActivityStore(name: string, theStore: () => ActivityStore): void {
  describe(name, () => {
    describeRecord(theStore);
    describeRecordEarlier(theStore);
    describeCommit(theStore);
    describeSignal(theStore);
    describeSignalsTogether(theStore);
    describeClaim(theStore);
    describeWalk(theStore);
    describeRequires(theStore);
    describeLater(theStore);
    describeResults(theStore);
    describeWaits(theStore);
    describeOpenWaits(theStore);
    describeOutbox(theStore);
    describeRetries(theStore);
    describeChildren(theStore);
    describeList(theStore);
  });
}
