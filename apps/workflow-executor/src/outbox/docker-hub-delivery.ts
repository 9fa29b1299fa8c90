import { type JsonObject, toJsonText } from '@app/json';
import { DAY_MS, type OutboxEntry } from '@app/workflow-engine';
import { type DeliveryOutcome, type EntryOrigin, OutboxDelivery } from './outbox-delivery.js';

/** The outcome of a POST. `retryable`: a later attempt may succeed. */
export type Posted =
  | { readonly kind: 'answered'; readonly status: number }
  | {
      readonly kind: 'failed';
      readonly code: string;
      readonly message: string;
      readonly retryable: boolean;
    };

/** POSTs JSON within the bounds of `http` tasks and only to addresses that they may call. */
type Post = (url: URL, json: string, abort: AbortSignal) => Promise<Posted>;

/** The age of an entry after which its callback is not tried again, in milliseconds. */
const TRIED_MS_MAX = DAY_MS;

/** HTTP statuses below 500 after which a later attempt may succeed. */
const MAY_PASS: readonly number[] = [408, 425, 429];

/** Confirms a delivery of Docker Hub at its `callback_url`, so that its chain of webhooks continues. */
export class DockerHubDelivery extends OutboxDelivery {
  override readonly available = true;

  constructor(
    private readonly post: Post,
    private readonly clock: () => number,
  ) {
    super();
  }

  override async deliver(
    entry: OutboxEntry,
    { id }: EntryOrigin,
    abort: AbortSignal,
  ): Promise<DeliveryOutcome> {
    const { url } = entry.payload as JsonObject & { readonly url: string };
    const json = toJsonText({
      state: 'success',
      description: `Accepted as activity ${id}`,
      context: 'Flow Eventing',
    });
    const posted = await this.post(new URL(url), json, abort);
    if (posted.kind === 'answered' && posted.status >= 200 && posted.status <= 299)
      return { kind: 'delivered' };
    const [reason, mayPass] =
      posted.kind === 'failed'
        ? [posted.message, posted.retryable]
        : [`Docker Hub answered with status ${posted.status}`, mayPassIn(posted.status)];
    const isTooOld = this.clock() - entry.createdAt > TRIED_MS_MAX;
    if (mayPass && !isTooOld) return { kind: 'again', reason };
    const code = posted.kind === 'failed' ? posted.code : 'DOCKER_HUB_CALLBACK_REFUSED';
    return { kind: 'refused', code, message: reason };
  }
}

function mayPassIn(status: number): boolean {
  return status >= 500 || MAY_PASS.includes(status);
}
