import { type CloudEvent, type EventName, type SignedRoots } from '@app/events';
import { type ActivityStore, type NewActivity } from '@app/persistence';

/**
 * Bounds what may come of one event by whatever mixture of `event` tasks and runs that tasks begin: an event
 * that a task sends names the run that was the first, and all behind it are counted with that.
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
   * What a first run sends itself is bounded by its tasks, and costs no count.
   *
   * @param self the run that sends; it counts where the first is not on record any more
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

/** The first of the runs that led to this one. */
export function rootOf(
  { parent, event }: Pick<NewActivity, 'parent' | 'event'>,
  roots: Pick<EventRoots, 'rootIn'>,
): string | undefined {
  return parent ? (parent.root ?? parent.activity) : roots.rootIn(event);
}
