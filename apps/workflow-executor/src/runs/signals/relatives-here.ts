import { type Log } from '@app/observability';
import { type NewActivity } from '@app/persistence';
import { type RunsHere } from '../../children/runs-here.js';
import { type RunStarter } from '../starting/run-starter.js';
import { type SignalDelivery } from './signal-delivery.js';

/** Parents and children that this executor works on. */
export class RelativesHere implements RunsHere {
  constructor(
    private readonly starter: Pick<RunStarter, 'startChild'>,
    private readonly signals: Pick<SignalDelivery, 'deliver'>,
    private readonly log: Log,
  ) {}

  begin(child: NewActivity): void {
    this.starter.startChild(child).catch((err: unknown) => {
      const activityId = child.id;
      this.log.routine(() => ({ err, activityId }), 'A child waits for the sweeper', 'warn');
    });
  }

  deliver(activityId: string): void {
    this.signals.deliver(activityId);
  }
}
