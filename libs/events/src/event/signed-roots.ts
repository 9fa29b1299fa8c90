import { type SigningKeys } from '@app/signing';
import { type CloudEvent } from './cloud-event.js';
import { ROOT } from './hops.js';

/** Which event it is: no two have the same, and a repeat of one to a workflow is a duplicate. */
export type EventName = Pick<CloudEvent, 'source' | 'id'>;

const CHARACTERS_MAX = 500;

/**
 * What the extension `flowroot` says: the first of the runs that led to an event, signed for this event and no other.
 * Whoever gets the event can give it to a workflow that he may start, once, as whoever passes it on does; to events of
 * his own the text is worth nothing. So nobody outside can have more counted with a run than the events it has sent.
 */
export class SignedRoots {
  constructor(private readonly keys: Pick<SigningKeys, 'sign' | 'verify'>) {}

  /** As the extension says it: the id of a run, and signatures. */
  textOf(root: string, event: EventName): string {
    return [root, ...this.keys.sign('origin', signed(root, event)).split(' ')].join('.');
  }

  /** Undefined for what no task has sent, for what others say, and for what was said of another event. */
  rootIn(event: EventName & Pick<CloudEvent, 'extensions'>): string | undefined {
    return this.rootOf(event.extensions[ROOT], event);
  }

  /** @param text that may be anything */
  rootOf(text: unknown, event: EventName): string | undefined {
    if (typeof text !== 'string' || text.length > CHARACTERS_MAX) return undefined;
    const [root = '', ...signatures] = text.split('.');
    return this.keys.verify('origin', signed(root, event), signatures.join(' ')) ? root : undefined;
  }
}

function signed(root: string, { source, id }: EventName): readonly string[] {
  return [root, source, id];
}
