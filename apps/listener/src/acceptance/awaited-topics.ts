import { type Workflow, type WorkflowCache } from '@app/persistence';
import { type WorkflowDefinition } from '@app/workflow-engine';

const WAIT = 'wait-for-event';
const REQUIRED = `task:${WAIT}`;

/** The topics that a definition waits for with a correlation key; `any` if a topic is computed by the run. */
type Topics = ReadonlySet<string> | 'any';

/**
 * Tells which workflows have, in their newest revision, a task that waits for a topic with a correlation key. An event
 * that no workflow waits for costs no query.
 */
export class AwaitedTopics {
  readonly #topics = new WeakMap<WorkflowDefinition, Topics>();

  constructor(private readonly workflows: Pick<WorkflowCache, 'revision'>) {}

  async has(
    { id, latestRevision, requires }: Pick<Workflow, 'id' | 'latestRevision' | 'requires'>,
    topic: string,
  ): Promise<boolean> {
    if (!requires.includes(REQUIRED)) return false;
    const revision = await this.workflows.revision(id, latestRevision);
    if (!revision) return false;
    const topics = this.#topicsOf(revision.definition);
    return topics === 'any' || topics.has(topic);
  }

  #topicsOf(definition: WorkflowDefinition): Topics {
    const known = this.#topics.get(definition);
    if (known !== undefined) return known;
    const topics = topicsIn(definition);
    this.#topics.set(definition, topics);
    return topics;
  }
}

function topicsIn({ tasks }: WorkflowDefinition): Topics {
  const topics = new Set<string>();
  for (const { type, params = [] } of tasks) {
    if (type !== WAIT || !params.some(({ name }) => name === 'correlationKey')) continue;
    const topic = params.find(({ name }) => name === 'topic')?.value;
    if (typeof topic !== 'string' || topic.includes('$(')) return 'any';
    topics.add(topic);
  }
  return topics;
}
