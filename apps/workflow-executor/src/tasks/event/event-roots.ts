import { type CloudEvent, type EventName, type SignedRoots } from '@app/events';
import { type ActivityStore, type NewActivity } from '@app/persistence';

/**
 * Limits how many events and runs may follow from one event, through `event` tasks and runs that tasks begin. An event
 * that a task sends names the first run of the chain, on whose record all are counted.
 */
export class EventRoots {
  constructor(
    private readonly signed: SignedRoots,
    private readonly activities: Pick<ActivityStore, 'countDescendant'>,
    readonly descendantsMax: number,
  ) {}

  rootIn(event: Pick<CloudEvent, 'source' | 'id' | 'extensions'>): string | undefined {
    return this.signed.rootIn(event);
  }

  textOf(root: string, event: EventName): string {
    return this.signed.textOf(root, event);
  }

  /**
   * Counts one event. Events of a first run itself are bounded by its tasks, and are not counted.
   *
   * @param self the run that sends; it takes the place of a first run that is not on record any more
   * @throws StoreUnavailableError
   */
  async count(root: string | undefined, self: string): Promise<'counted' | 'full'> {
    if (root === undefined) return 'counted';
    const outcome = await this.activities.countDescendant(root, this.descendantsMax);
    if (outcome !== 'not-found') return outcome;
    const own = await this.activities.countDescendant(self, this.descendantsMax);
    return own === 'full' ? 'full' : 'counted';
  }
}

/** The first run of the chain that led to this one. */
export function rootOf(
  { parent, event }: Pick<NewActivity, 'parent' | 'event'>,
  roots: Pick<EventRoots, 'rootIn'>,
): string | undefined {
  return parent ? (parent.root ?? parent.activity) : roots.rootIn(event);
}
