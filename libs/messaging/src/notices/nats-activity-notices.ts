import { activityNoticeWildcard } from '../topology/names.js';
import { NatsBroadcast, type SignedNoticeOptions } from '../link/nats-broadcast.js';
import { type NatsLink } from '../link/nats-link.js';
import { ActivityNotices } from './activity-notices.js';

/** Notices over core NATS: every executor gets each of them. */
export class NatsActivityNotices extends ActivityNotices {
  readonly #broadcast: NatsBroadcast;

  constructor(link: NatsLink, options: SignedNoticeOptions) {
    super();
    this.#broadcast = new NatsBroadcast(link, activityNoticeWildcard(options.namespace), options);
  }

  override get available(): boolean {
    return this.#broadcast.available;
  }

  override notify(activityId: string): void {
    this.#broadcast.publish(activityId);
  }

  override subscribe(
    onNotice: (activityId: string) => void,
    concerns?: (activityId: string) => boolean,
  ): () => void {
    return this.#broadcast.subscribe(onNotice, concerns);
  }
}
