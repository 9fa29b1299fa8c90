import { setTimeout as delay } from 'node:timers/promises';
import { ask, type Answer, type Asking } from '../../support/answer.js';
import { type ActivityView, type CreatedWorkflow, FlowApi } from '../../support/flow-api.js';
import { type FlowSystem } from '../../support/flow-system.js';
import { waitFor } from '../../../tools/project/wait-for.mjs';
import { appUrl } from '../../../tools/start/app-process.mjs';

const LOOK_EVERY_MS = 200;
const ANSWER_MS_MAX = 10_000;
/** Answers that tell that it is done: by this request, by an earlier one, or that the run is over. */
const DONE = [202, 409];

type Decide = (activityId: string, task: string) => Promise<void>;

/**
 * Whoever waits for runs outside: they vote, say that something was paid, decide about what failed, and cancel. Each
 * asks until it is answered.
 */
export class TaskPeople {
  readonly #stop = new AbortController();
  readonly #watching: Promise<void>[] = [];

  constructor(private readonly system: FlowSystem) {}

  /** Votes on whatever asks in a run of that workflow, until it is stopped. */
  vote(workflow: CreatedWorkflow): void {
    this.#watch(workflow, 'approval', async (id, task) => {
      await this.#administrate(`/api/v2/activities/${id}/tasks/${task}/vote`, {
        verdict: 'approved',
      });
    });
  }

  /** Has what failed in a run of that workflow tried again, and does by hand what only people can. */
  mend(workflow: CreatedWorkflow): void {
    this.#watch(workflow, 'paused', async (id, task) => {
      const url = `/api/v2/activities/${id}/tasks/${task}`;
      const reason = 'by hand';
      if (task === 'call') await this.#administrate(`${url}/retry`, { reason });
      else await this.#administrate(`${url}/complete`, { reason, results: { by: 'hand' } });
    });
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#watching);
  }

  /** Twice, as a sender that lost patience; it counts once. */
  async pay(id: string, n: number, { token }: CreatedWorkflow): Promise<void> {
    const url = `${this.system.listenerUrl}/api/v2/callback?ref=${id}&topic=paid`;
    const headers = { 'idempotency-key': `paid-${n}` };
    for (let times = 0; times < 2; times += 1)
      await this.#until(() => ({ url, asking: { method: 'POST', token, headers, body: { n } } }));
  }

  async cancel(id: string): Promise<void> {
    const body = { reason: 'no longer wanted' };
    await this.#administrate(`/api/v2/activities/${id}/cancel`, body);
  }

  /** Of whichever executor runs. */
  async look<T>(what: string, look: (api: FlowApi) => Promise<T | undefined>): Promise<T> {
    const apis = this.system.executors.map(
      ({ port }) => new FlowApi(appUrl(port), this.system.adminToken),
    );
    return waitFor(
      what,
      async () => {
        for (const api of apis) {
          const found = await look(api).catch(() => undefined);
          if (found !== undefined) return found;
        }
        return undefined;
      },
      { timeoutMs: 300_000 },
    );
  }

  #watch({ id: workflow }: CreatedWorkflow, kind: string, decide: Decide): void {
    this.#watching.push(this.#decideAll(workflow, kind, decide));
  }

  async #decideAll(workflow: string, kind: string, decide: Decide): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const waiting = await this.look('those who wait', (api) =>
        api.activities(workflow, 'waiting'),
      );
      for (const activity of waiting)
        for (const task of tasksThatWait(activity, kind)) await decide(activity.id, task);
      await delay(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  async #administrate(path: string, body: object): Promise<void> {
    let nth = 0;
    const asking = { method: 'POST', token: this.system.adminToken, body };
    await this.#until(() => {
      const executor = this.system.executors[nth++ % this.system.executors.length];
      return { url: `${appUrl(executor?.port ?? 0)}${path}`, asking };
    });
  }

  async #until(request: () => { readonly url: string; readonly asking: Asking }): Promise<Answer> {
    return waitFor(
      'an answer',
      async () => {
        const { url, asking } = request();
        const answer = await ask(url, { ...asking, signal: AbortSignal.timeout(ANSWER_MS_MAX) });
        if (DONE.includes(answer.status)) return answer;
        throw new Error(`${url} answers ${answer.status}: ${JSON.stringify(answer.body)}`);
      },
      { timeoutMs: 300_000 },
    );
  }
}

function tasksThatWait({ waitingFor = [] }: ActivityView, kind: string): readonly string[] {
  return waitingFor.flatMap((wait) =>
    wait.kind === kind && 'task' in wait ? [String(wait.task)] : [],
  );
}
