import { type NewActivity } from '@app/persistence';
import { type Signal } from '@app/workflow-engine';

/** The runs of this executor, which take effects without a detour over the store. */
export interface RunsHere {
  /** Begins a child that is on record, unless there is no room for it here: then a sweeper begins it. */
  begin(child: NewActivity): void;
  /**
   * Offers the signal to the run, if this executor has it in memory.
   * @returns whether the effect of the signal is on record; if not, it has to be put into the inbox
   * @throws StoreUnavailableError if that is unknown
   */
  take(activity: string, signal: Signal): Promise<boolean>;
  /** Called after a signal was put into the inbox of the activity. */
  deliver(activity: string): void;
}

/** For a service of its own: sweepers find what it has put on record. */
export const NO_RUNS: RunsHere = {
  begin: () => undefined,
  take: () => Promise.resolve(false),
  deliver: () => undefined,
};
