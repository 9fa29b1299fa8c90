import { InFlightMap } from '@app/collections';
import { type CloudEvent, contentDigest } from '@app/events';
import { type RecordOutcome } from '@app/persistence';

export interface SpooledContentsSettings {
  /** About how many bytes may be remembered in all; the oldest entries make room. 0 remembers nothing. */
  readonly bytesMax: number;
  readonly ageMsMax: number;
}

interface Content {
  readonly digest: string;
  /** The event without its data: what its receipt needs. */
  readonly first: CloudEvent;
  readonly bytes: number;
  readonly until: number;
}

/** The size of an entry without the attributes of its event, as a generous estimate. */
const ENTRY_BYTES = 512;
const BYTES_A_CHAR = 2;

/**
 * Remembers the events that this process spooled: a digest of their content, by activity id. The memory is bounded and
 * is lost with the process, so correctness does not depend on it: the executor compares events again when it records
 * them.
 */
export class SpooledContents {
  /** By activity id, the oldest first. */
  readonly #contents = new InFlightMap<string, Content>();
  #bytes = 0;

  constructor(
    private readonly settings: SpooledContentsSettings,
    private readonly now: () => number = () => performance.now(),
  ) {}

  get size(): number {
    return this.#contents.size;
  }

  /** Undefined if the id is not known, or the contents can't be compared. */
  compare(
    activityId: string,
    event: CloudEvent,
  ): Exclude<RecordOutcome, { kind: 'recorded' }> | undefined {
    this.#forgetOld();
    const known = this.#contents.get(activityId);
    if (!known) return undefined;
    const digest = contentDigest(event);
    if (digest === undefined) return undefined;
    if (digest !== known.digest) return { kind: 'conflict' };
    // JetStream delivers the event until an executor has recorded it, so no notification is needed.
    return { kind: 'duplicate', first: known.first, isUntouched: false };
  }

  remember(activityId: string, event: CloudEvent): void {
    const { data: _, ...first } = event;
    const digest = contentDigest(event);
    const bytes = ENTRY_BYTES + charsOf(first) * BYTES_A_CHAR;
    if (digest === undefined || bytes > this.settings.bytesMax) return;
    this.forget(activityId);
    const until = this.now() + this.settings.ageMsMax;
    this.#contents.set(activityId, { digest, first, bytes, until });
    this.#bytes += bytes;
    for (const oldest of this.#contents.keys()) {
      if (this.#bytes <= this.settings.bytesMax) return;
      this.forget(oldest);
    }
  }

  /** Call it when the event is recorded in MongoDB. */
  forget(activityId: string): void {
    this.#bytes -= this.#contents.get(activityId)?.bytes ?? 0;
    this.#contents.delete(activityId);
  }

  #forgetOld(): void {
    const now = this.now();
    for (const [activityId, { until }] of this.#contents) {
      if (until > now) return;
      this.forget(activityId);
    }
  }
}

/** The characters of all attributes. A sender may make each as long as its headers or its body may be. */
function charsOf({ extensions, ...attributes }: Omit<CloudEvent, 'data'>): number {
  const texts = [...Object.values(attributes), ...Object.entries(extensions).flat()];
  return texts.reduce<number>((sum, text) => sum + String(text).length, 0);
}
