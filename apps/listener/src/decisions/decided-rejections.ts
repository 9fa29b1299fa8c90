import { type Decision, type RejectedRequestStore } from '@app/persistence';
import { type DecisionLog } from './decision-log.js';

type RejectedRequests = Pick<RejectedRequestStore, 'add'>;

/**
 * Records a rejected request as a decision, too. Only requests on existing workflows come here, so decisions do not
 * reveal which workflows exist.
 */
export class DecidedRejections implements RejectedRequests {
  constructor(
    private readonly rejectedRequests: RejectedRequests,
    private readonly decisions: Pick<DecisionLog, 'add'>,
  ) {}

  add(request: Parameters<RejectedRequests['add']>[0]): void {
    const { at: _, message: __, code, ...facts } = request;
    const outcome: Decision['outcome'] = code === 'TRIGGER_OFF' ? 'trigger-off' : 'refused';
    this.decisions.add({ ...facts, code, outcome });
    this.rejectedRequests.add(request);
  }
}
