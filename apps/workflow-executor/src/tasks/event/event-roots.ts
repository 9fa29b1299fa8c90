import { type CloudEvent, ROOT } from '@app/events';
import { type ActivityStore, type NewActivity } from '@app/persistence';
import { type SigningKeys } from '@app/signing';

/**
 * Bounds what may come of one event by whatever mixture of `event` tasks and runs that tasks begin: an event
 * that a task sends names the run that was the first, and all behind it are counted with that. It is signed, so that
 * nobody outside can have events counted with the run of another.
 */
export class EventRoots {
  constructor(
    private readonly keys: Pick<SigningKeys, 'sign' | 'verify'>,
    private readonly activities: Pick<ActivityStore, 'countDescendant'>,
    readonly descendantsMax: number,
  ) {}

  /** Undefined for an event that no task has sent, or that says so and is not signed. */
  rootIn({ extensions }: Pick<CloudEvent, 'extensions'>): string | undefined {
    const given = extensions[ROOT];
    if (typeof given !== 'string') return undefined;
    const [root = '', ...signatures] = given.split('.');
    return this.keys.verify('origin', [root], signatures.join(' ')) ? root : undefined;
  }

  /** As the extension says it. */
  textOf(root: string): string {
    return [root, ...this.keys.sign('origin', [root]).split(' ')].join('.');
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
