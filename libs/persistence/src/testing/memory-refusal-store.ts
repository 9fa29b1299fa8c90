import { type RefusalGroup } from '../activities/refusal-batch.js';
import { RefusalBuffer, type RefusalBufferSettings } from '../activities/refusal-buffer.js';
import { type MemoryActivityStore } from './memory-activity-store.js';

/** The contract of `RefusalStore` in memory; `flush` before you look. */
export class MemoryRefusalStore extends RefusalBuffer {
  constructor(
    private readonly activities: MemoryActivityStore,
    settings?: RefusalBufferSettings,
  ) {
    super(settings);
  }

  protected override async write(groups: readonly RefusalGroup[]): Promise<void> {
    for (const group of groups) await this.#writeOne(group);
  }

  async #writeOne({ id, first, count, firstAt, lastAt }: RefusalGroup): Promise<void> {
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
      revision: (existing?.revision ?? 0) + 1,
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
