import { type SigningKeys } from '@app/signing';
import { type CloudEvent } from './cloud-event.js';
import { ROOT } from './hops.js';

/** The identity of an event (CloudEvents 1.0.2, section 3.1): source and id together are unique. */
export type EventName = Pick<CloudEvent, 'source' | 'id'>;

const CHARACTERS_MAX = 500;

/**
 * The value of the extension `flowroot`: the id of the first run of the chain that led to an event, and signatures over
 * that id and the identity of the event. A receiver can send the event on with it, once to each workflow that he may
 * start. With an event of another identity the value does not verify, so an outsider can't count further events with
 * the run.
 */
export class SignedRoots {
  constructor(private readonly keys: Pick<SigningKeys, 'sign' | 'verify'>) {}

  /** The value of the extension: the id of the run, and a signature with each key, joined by dots. */
  textOf(root: string, event: EventName): string {
    return [root, ...this.keys.sign('origin', signed(root, event)).split(' ')].join('.');
  }

  /** The id of the run; undefined without the extension, or if it was not signed by us for this event. */
  rootIn(event: EventName & Pick<CloudEvent, 'extensions'>): string | undefined {
    return this.rootOf(event.extensions[ROOT], event);
  }

  /** As `rootIn`. @param text the value of the extension, which may be anything */
  rootOf(text: unknown, event: EventName): string | undefined {
    if (typeof text !== 'string' || text.length > CHARACTERS_MAX) return undefined;
    const [root = '', ...signatures] = text.split('.');
    return this.keys.verify('origin', signed(root, event), signatures.join(' ')) ? root : undefined;
  }
}

function signed(root: string, { source, id }: EventName): readonly string[] {
  return [root, source, id];
}
