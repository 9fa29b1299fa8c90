import { operationsUrl } from '../../tools/start/app-process.mjs';
import { waitFor } from '../../tools/project/wait-for.mjs';
import { ask } from '../support/answer.js';
import { type ActivityView, type CreatedWorkflow } from '../support/flow-api.js';
import { type FlowSystem } from '../support/flow-system.js';
import { type SentEvent } from './event-sender.js';

const UNFINISHED = ['queued', 'running', 'waiting'] as const;
const RECORDED_MS_MAX = 60_000;
/** Activities that are read at the same time. */
const READERS = 16;

/** What the system itself says about what was sent to it, through its API. */
export class ActivityLedger {
  constructor(
    private readonly system: FlowSystem,
    private readonly workflows: readonly CreatedWorkflow[],
  ) {}

  /**
   * Waits until the ingress writes to MongoDB and all that was accepted before is there, too: NATS then
   * holds the only copy of nothing.
   */
  async untilRecorded(events: readonly SentEvent[]): Promise<void> {
    await waitFor(
      'the listener to have MongoDB',
      async () => ((await this.#listenerHasMongodb()) ? true : undefined),
      { timeoutMs: RECORDED_MS_MAX },
    );
    const accepted = events.flatMap(({ activityIds }) => activityIds);
    await waitFor(
      'the records of all that was accepted',
      async () => {
        const recorded = new Set(await this.#everyId());
        return accepted.every((id) => recorded.has(id)) ? true : undefined;
      },
      { timeoutMs: RECORDED_MS_MAX },
    );
  }

  /** Those that are not over and do not say what they wait for. */
  async silentOnes(): Promise<readonly string[]> {
    return (await this.#unfinished()).flatMap(({ id, status, waitingFor = [] }) =>
      waitingFor.length === 0 ? [`${id} (${status})`] : [],
    );
  }

  /** Waits until all are over; those that still are not, with what they wait for, after that time. */
  async untilFinal(timeoutMs: number): Promise<readonly string[]> {
    let left: readonly ActivityView[] = [];
    try {
      await waitFor(
        'the end of all activities',
        async () => {
          left = await this.#unfinished();
          return left.length === 0 ? true : undefined;
        },
        { timeoutMs },
      );
    } catch {
      // What is left says why.
    }
    return left.map(
      ({ id, status, waitingFor }) => `${id} ${status} ${JSON.stringify(waitingFor)}`,
    );
  }

  /** All activities and rejected requests, in full. */
  async read(): Promise<readonly ActivityView[]> {
    const ids = [...(await this.#everyId()), ...(await this.#everyId(true))];
    const activities: ActivityView[] = [];
    const readOn = async (): Promise<void> => {
      for (let id = ids.pop(); id !== undefined; id = ids.pop()) {
        const activity = await this.system.api.activity(id);
        if (activity) activities.push(activity);
      }
    };
    await Promise.all(Array.from({ length: READERS }, readOn));
    return activities;
  }

  async #everyId(refused = false): Promise<string[]> {
    const { api } = this.system;
    return (
      await Promise.all(this.workflows.map(({ id }) => api.everyActivityId(id, refused)))
    ).flat();
  }

  /** The first page of each workflow and status. */
  async #unfinished(): Promise<readonly ActivityView[]> {
    const pages = this.workflows.flatMap(({ id }) =>
      UNFINISHED.map((status) => this.system.api.activities(id, status)),
    );
    return (await Promise.all(pages)).flat();
  }

  async #listenerHasMongodb(): Promise<boolean> {
    const { body } = await ask(`${operationsUrl(this.system.listenerUrl)}/health/ready`);
    const { dependencies } = body as {
      readonly dependencies: readonly { readonly name: string; readonly status: string }[];
    };
    return dependencies.some(({ name, status }) => name === 'mongodb' && status === 'up');
  }
}
