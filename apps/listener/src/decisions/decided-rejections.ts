import { type Decision, type RejectedRequestStore } from '@app/persistence';
import { type DecisionLog } from './decision-log.js';

type RejectedRequests = Pick<RejectedRequestStore, 'add'>;

/**
 * Rejected requests, each of which is a decision, too. They come here only if their workflow exists, so the
 * decisions tell as little of others as the records do.
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
