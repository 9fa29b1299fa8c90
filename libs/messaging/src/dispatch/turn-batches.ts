import { DISPATCH_BATCH_ITEMS_MAX, type WrittenDispatch } from '@app/events';

/** Events in a batch, at most; a batch that fails comes again as a whole. */
const BATCH_BYTES_MAX = 64 * 1_024;
/** A larger event goes alone: a batch would save nothing, and other events would wait for it. */
const BATCHED_EVENT_BYTES_MAX = 8 * 1_024;
/** The most that the facts of a dispatch take without the request of a webhook, in bytes. */
const PLAIN_FACTS_BYTES = 512;

interface Gathered {
  readonly members: WrittenDispatch[];
  bytes: number;
  readonly sent: Promise<void>;
  readonly resolve: (sending: Promise<void>) => void;
}

export interface TurnBatchesOptions {
  /** Sends the dispatches that came together, one or more; all of them share its outcome. */
  readonly send: (members: readonly WrittenDispatch[]) => Promise<void>;
  /** Called when all dispatches of a turn have been given to `send`. */
  readonly onSent: () => void;
}

/** Gathers the dispatches of one turn of the event loop, bounded by number and by bytes. */
export class TurnBatches {
  #gathered: Gathered[] = [];

  constructor(private readonly options: TurnBatchesOptions) {}

  add(written: WrittenDispatch): Promise<void> {
    const batch = this.#roomFor(written);
    batch.members.push(written);
    batch.bytes += written.bytes + PLAIN_FACTS_BYTES;
    return batch.sent;
  }

  #roomFor(written: WrittenDispatch): Gathered {
    const last = this.#gathered.at(-1);
    if (last !== undefined && isBatched(written) && hasRoom(last, written)) return last;
    const batch = newBatch();
    if (this.#gathered.length === 0) {
      setImmediate(() => {
        this.#send();
      });
    }
    // A large one is sent before the batch that is being filled.
    if (last !== undefined && !isBatched(written)) this.#gathered.splice(-1, 0, batch);
    else this.#gathered.push(batch);
    return batch;
  }

  #send(): void {
    const gathered = this.#gathered;
    this.#gathered = [];
    for (const { members, resolve } of gathered) resolve(this.options.send(members));
    this.options.onSent();
  }
}

function isBatched({ bytes, dispatch }: WrittenDispatch): boolean {
  return bytes <= BATCHED_EVENT_BYTES_MAX && dispatch.request === undefined;
}

function hasRoom({ members, bytes }: Gathered, written: WrittenDispatch): boolean {
  const [first] = members;
  if (first === undefined || !isBatched(first)) return false;
  const isFull = members.length >= DISPATCH_BATCH_ITEMS_MAX;
  return !isFull && bytes + written.bytes + PLAIN_FACTS_BYTES <= BATCH_BYTES_MAX;
}

function newBatch(): Gathered {
  let resolve: Gathered['resolve'] = () => undefined;
  const sent = new Promise<void>((settle) => (resolve = settle));
  return { members: [], bytes: 0, sent, resolve };
}
