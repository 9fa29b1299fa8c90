import { type NewActivity } from '@app/persistence';

/** The runs of this executor, which take effects without a detour over the store. */
export interface RunsHere {
  /** Begins a child that is on record, unless there is no room for it here: then a sweeper begins it. */
  begin(child: NewActivity): void;
  /** Called after a signal was put into the inbox of the activity. */
  deliver(activity: string): void;
}

/** For a service of its own: sweepers find what it has put on record. */
export const NO_RUNS: RunsHere = { begin: () => undefined, deliver: () => undefined };
