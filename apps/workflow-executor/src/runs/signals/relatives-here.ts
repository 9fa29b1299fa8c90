import { type Log } from '@app/observability';
import { type NewActivity } from '@app/persistence';
import { type Signal } from '@app/workflow-engine';
import { type RunsHere } from '../../children/runs-here.js';
import { type ActiveRuns } from '../driving/active-runs.js';
import { OfferedSignal } from '../driving/offered-signal.js';
import { type RunStarter } from '../starting/run-starter.js';
import { type SignalDelivery } from './signal-delivery.js';

/** How often a signal is offered: a driver that is about to end does not take it. */
const TRIES_MAX = 3;

/**
 * Parents and children that this executor works on, or has just worked on. What there is no room for now is left to the
 * record: a delivery that waited for room would keep the memory of a child, which others wait for.
 */
export class RelativesHere implements RunsHere {
  constructor(
    private readonly runs: Pick<ActiveRuns, 'offer' | 'continueAtOnceWith'>,
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

  async take(activityId: string, signal: Signal): Promise<boolean> {
    for (let tries = 0; tries < TRIES_MAX; tries += 1) {
      const offered = new OfferedSignal(signal);
      const isHere =
        this.runs.offer(activityId, offered) ||
        (await this.runs.continueAtOnceWith(activityId, offered));
      if (!isHere) return false;
      if (await offered.isTaken) return true;
    }
    return false;
  }

  deliver(activityId: string): void {
    this.signals.deliver(activityId);
  }
}
