import { type CloudEvent, contentDigest } from '@app/events';
import { type RecordOutcome } from '@app/persistence';

export interface SpooledContentsSettings {
  /** Of all that is remembered, about; the oldest make room. 0 remembers nothing. */
  readonly bytesMax: number;
  readonly ageMsMax: number;
}

interface Content {
  readonly digest: string;
  /** Without its data: all that its receipt takes. */
  readonly first: CloudEvent;
  readonly bytes: number;
  readonly until: number;
}

/** Of an entry besides the attributes of its event, generously. */
const ENTRY_BYTES = 512;
const BYTES_A_CHAR = 2;

/**
 * What is known of events that were kept on JetStream: a digest of their content, by activity. It is
 * this process's own memory and bounded, so nothing may depend on it: what is forgotten is told apart
 * when the executor records it.
 */
export class SpooledContents {
  /** The oldest first. */
  readonly #contents = new Map<string, Content>();
  #bytes = 0;

  constructor(
    private readonly settings: SpooledContentsSettings,
    private readonly now: () => number = () => performance.now(),
  ) {}

  get size(): number {
    return this.#contents.size;
  }

  /** `undefined`: nothing is known of the id, or nothing for sure. */
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
    // JetStream has it, and tells of it until it is done.
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

  /** It is on record. */
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

/** Of the attributes: a sender may make each as long as its headers or its body may be. */
function charsOf({ extensions, ...attributes }: Omit<CloudEvent, 'data'>): number {
  const texts = [...Object.values(attributes), ...Object.entries(extensions).flat()];
  return texts.reduce<number>((sum, text) => sum + String(text).length, 0);
}
