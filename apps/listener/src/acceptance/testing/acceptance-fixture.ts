import { type Dispatch } from '@app/events';
import { anEvent } from '@app/events/testing';
import { CompiledFilters } from '@app/filters';
import { DispatchFailedError } from '@app/messaging';
import { MemoryDispatcher } from '@app/messaging/testing';
import { FlowMetrics } from '@app/observability';
import { MemoryLog } from '@app/observability/testing';
import { RunQuotas } from '@app/persistence';
import { aWorkflow, MemoryActivityStore, NOW } from '@app/persistence/testing';
import { DEFAULT_RETRY_SETTINGS, DispatchRetries } from '../dispatch-retries.js';
import { type Accepted, EventAcceptance } from '../event-acceptance.js';
import { SpooledContents } from '../spooled-contents.js';

export const admitted = { workflow: aWorkflow(), trigger: 'event', event: anEvent() } as const;

export const noAnswer = (): Promise<void> =>
  Promise.reject(new DispatchFailedError('nats', 'no acknowledgement'));

/** Acknowledges a dispatch when the test says so. */
export class DispatcherThatWaits extends MemoryDispatcher {
  constructor(private readonly answer: () => Promise<void>) {
    super();
  }

  override async dispatch(dispatch: Dispatch): Promise<void> {
    await this.answer();
    await super.dispatch(dispatch);
  }
}

/** The parts of an `EventAcceptance`, which a test controls. */
export class AcceptanceFixture {
  readonly store = new MemoryActivityStore();
  readonly dispatcher = new MemoryDispatcher();
  readonly log = new MemoryLog();
  readonly retries = new DispatchRetries(this.dispatcher, {
    ...DEFAULT_RETRY_SETTINGS,
    waitingMax: 10,
  });
  /** Counts recorded activities, as MongoDB does. */
  readonly quotas = new RunQuotas(
    async (workflowId) => (await this.store.list({ workflowId, limit: 100 })).activities.length,
    { runsPerMonth: 0 },
  );
  /** The spool; undefined means that there is none. */
  spoolDispatcher: MemoryDispatcher | undefined = new MemoryDispatcher();

  acceptance(): EventAcceptance {
    const { store, dispatcher, spoolDispatcher, retries, log } = this;
    return new EventAcceptance({
      ...{ store, dispatcher, spoolDispatcher, retries, log },
      spooled: new SpooledContents({ bytesMax: 100_000, ageMsMax: 60_000 }),
      filters: new CompiledFilters(),
      quotas: this.quotas,
      decisions: { add: () => undefined, refused: () => undefined },
      metrics: new FlowMetrics(),
      clock: () => NOW,
    });
  }
}

/** The sample event, which `accepting` accepts. */
export async function accepted(accepting: EventAcceptance): Promise<Accepted> {
  const acceptance = await accepting.accept(admitted);
  if (acceptance.kind !== 'accepted') throw new Error(acceptance.kind);
  return acceptance;
}
