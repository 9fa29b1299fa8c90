import { type RejectedRequestGroup } from '../../rejected-requests/rejected-request-batch.js';
import {
  RejectedRequestBuffer,
  type RejectedRequestBufferSettings,
} from '../../rejected-requests/rejected-request-buffer.js';
import { type MemoryActivityStore } from './memory-activity-store.js';

/** The contract of `RejectedRequestStore` in memory; `flush` before you look. */
export class MemoryRejectedRequestStore extends RejectedRequestBuffer {
  constructor(
    private readonly activities: MemoryActivityStore,
    settings?: RejectedRequestBufferSettings,
  ) {
    super(settings);
  }

  protected override async write(groups: readonly RejectedRequestGroup[]): Promise<void> {
    for (const group of groups) await this.#writeOne(group);
  }

  async #writeOne({ id, first, count, firstAt, lastAt }: RejectedRequestGroup): Promise<void> {
    const { workflowId, trigger, code, message, eventId, source, remoteAddress } = first;
    const existing = await this.activities.get(id);
    const facts = existing?.refusal ?? {
      count: 0,
      firstAt,
      lastAt,
      ...(eventId !== undefined && { eventId }),
      ...(source !== undefined && { source }),
      ...(remoteAddress !== undefined && { remoteAddress }),
    };
    this.activities.put({
      id,
      workflowId,
      workflowRevision: 0,
      trigger,
      status: 'failed',
      lockVersion: (existing?.lockVersion ?? 0) + 1,
      createdAt: existing?.createdAt ?? firstAt,
      inbox: [],
      failure: { level: 'workflow', code, message },
      refusal: {
        ...facts,
        count: facts.count + count,
        firstAt: Math.min(facts.firstAt, firstAt),
        lastAt: Math.max(facts.lastAt, lastAt),
      },
    });
  }
}
