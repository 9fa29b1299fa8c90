import { type Workflow, type WorkflowCache } from '@app/persistence';
import { type WorkflowDefinition } from '@app/workflow-engine';

const WAIT = 'wait-for-event';
const REQUIRED = `task:${WAIT}`;

/** The topics that a definition waits for by a key; one that only a run knows may be any. */
type Topics = ReadonlySet<string> | 'any';

/**
 * Which workflows wait for events of a topic by a correlation key, as their newest revisions say. An event
 * that is nobody's costs no look into the store.
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
