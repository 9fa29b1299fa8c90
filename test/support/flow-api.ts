import { ApiClient } from '../../tools/start/api-client.mjs';
import { waitFor } from '../../tools/project/wait-for.mjs';

/** An activity as the API shows it: the part that tests look at. */
export interface ActivityView {
  readonly id: string;
  readonly workflowId: string;
  readonly status: string;
  /** ISO 8601, as are all times here. */
  readonly createdAt: string;
  readonly startedAt?: string;
  readonly endedAt?: string;
  readonly event?: { readonly id: string; readonly source: string; readonly type?: string };
  readonly tasks: readonly TaskView[];
  readonly results: Readonly<Record<string, unknown>>;
  readonly failure?: FailureView;
  readonly retriedAs?: string;
  readonly refusal?: { readonly count: number };
  /** How often in a row its executor died or broke off. */
  readonly takeovers?: number;
  readonly conflicts?: number;
  readonly wakeAt?: string;
  readonly waitingFor?: readonly {
    readonly kind: string;
    readonly what: string;
    readonly since: string;
  }[];
}

export interface TaskView {
  readonly name: string;
  readonly status: string;
  readonly attempt?: number;
  readonly results?: Readonly<Record<string, unknown>>;
  readonly failure?: FailureView;
}

export interface FailureView {
  readonly level: string;
  readonly code: string;
  readonly message: string;
}

/** A workflow that was created, and a token that may start it. */
export interface CreatedWorkflow {
  readonly id: string;
  readonly token: string;
}

interface ActivitiesPage {
  readonly activities: readonly ActivityView[];
  readonly nextCursor?: string;
}

const FINAL: readonly string[] = ['succeeded', 'failed', 'cancelled', 'timedout'];

/** The executor's API as its administrator. */
export class FlowApi {
  readonly #client: ApiClient;

  constructor(executorUrl: string, adminToken: string) {
    this.#client = new ApiClient(executorUrl, adminToken);
  }

  /** Creates a workflow that events and webhooks may start, with a token for it. */
  async createWorkflow(workflow: Readonly<Record<string, unknown>>): Promise<CreatedWorkflow> {
    const triggers = { event: { enabled: true }, webhook: { enabled: true } };
    const created = await this.#client.post('/api/v2/workflows', { triggers, ...workflow });
    const { id } = created as { readonly id: string };
    return { id, token: await this.createToken(id) };
  }

  async createToken(workflowId: string): Promise<string> {
    const created = await this.#client.post(`/api/v2/workflows/${workflowId}/tokens`, {
      label: 'test',
    });
    return (created as { readonly token: string }).token;
  }

  async activity(id: string): Promise<ActivityView | undefined> {
    return (await this.#client.find(`/api/v2/activities/${id}`)) as ActivityView | undefined;
  }

  /** All activities of a workflow, or those of one status; the first page (tests have few). */
  async activities(workflowId: string, status?: string): Promise<readonly ActivityView[]> {
    const query = new URLSearchParams({ workflowId, ...(status !== undefined && { status }) });
    const page = await this.#client.get(`/api/v2/activities?${query.toString()}`);
    return (page as ActivitiesPage).activities;
  }

  /** Requests to the workflow that were refused; the first page. */
  async refused(workflowId: string): Promise<readonly ActivityView[]> {
    const query = new URLSearchParams({ workflowId, refused: 'true', limit: '100' });
    const page = await this.#client.get(`/api/v2/activities?${query.toString()}`);
    return (page as ActivitiesPage).activities;
  }

  /** The ids of all activities of a workflow, however many there are; or of its rejected requests. */
  async everyActivityId(workflowId: string, refused = false): Promise<readonly string[]> {
    return (await this.everyActivity(workflowId, refused)).map(({ id }) => id);
  }

  /** All activities of a workflow, however many there are; or its rejected requests. */
  async everyActivity(workflowId: string, refused = false): Promise<readonly ActivityView[]> {
    const found: ActivityView[] = [];
    let cursor: string | undefined;
    do {
      const query = new URLSearchParams({
        workflowId,
        limit: '100',
        ...(refused && { refused: 'true' }),
        ...(cursor && { cursor }),
      });
      const page = (await this.#client.get(
        `/api/v2/activities?${query.toString()}`,
      )) as ActivitiesPage;
      found.push(...page.activities);
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    return found;
  }

  /** Waits until all of these activities of a workflow have ended; how, by their ids. */
  async untilAllFinal(
    workflowId: string,
    ids: Iterable<string>,
  ): Promise<ReadonlyMap<string, string>> {
    const wanted = new Set(ids);
    return waitFor(`the end of ${wanted.size} activities of ${workflowId}`, async () => {
      const ends = new Map(
        (await this.everyActivity(workflowId))
          .filter(({ id, status }) => wanted.has(id) && FINAL.includes(status))
          .map(({ id, status }) => [id, status]),
      );
      return ends.size === wanted.size ? ends : undefined;
    });
  }

  /** Waits until the activity has ended, whatever is down meanwhile. */
  async untilFinal(id: string, timeoutMs = 60_000): Promise<ActivityView> {
    return waitFor(
      `the end of activity ${id}`,
      async () => {
        const activity = await this.activity(id);
        return activity && FINAL.includes(activity.status) ? activity : undefined;
      },
      { timeoutMs },
    );
  }
}
