import { Buffer } from 'node:buffer';
import { type CloudEvent, type EventData, InvalidEventError } from '@app/events';
import { BodyTooLargeError } from '@app/http';
import { type JsonValue } from '@app/json';
import {
  ActivityEndedError,
  ActivityNotFoundError,
  type ActivityStore,
  type Workflow,
} from '@app/persistence';
import { isFinal } from '@app/workflow-engine';
import type { EventsReceipt } from '@flow-eventing/events';
import { type AwaitedTopics } from '../../acceptance/awaited-topics.js';
import {
  type EventWaits,
  type SentToRuns,
  type Signalled,
  signalledOf,
  signalledReceipt,
} from '../../acceptance/event-waits.js';
import { outcomeOf, STATUS_RULE, TOPIC_CHARS_MAX } from '../callbacks/callback-query.js';
import { type EventTarget, purposeOf, targetOf } from './event-target.js';

/** The extensions that say which runs are meant, and what became of what they wait for. */
const KEY = 'correlationid';
const STATUS = 'status';

type Keyed = SentToRuns & { readonly correlationKey: string };

/** Events for runs that are under way, of a workflow that the sender has a token of. */
export class EventsForRuns {
  constructor(
    private readonly waits: EventWaits,
    private readonly store: Pick<ActivityStore, 'get'>,
    private readonly topics: AwaitedTopics,
    private readonly payloadBytesMax: number,
  ) {}

  /** One whose type says that it is for runs: it signals or cancels. @throws FlowError when it is refused */
  async take(workflow: Workflow, event: CloudEvent): Promise<Signalled> {
    const key = keyOf(event);
    const target = targetOf(event.subject, event.type, key !== undefined);
    if (target?.workflowId !== workflow.id)
      throw invalid('subject', 'must name the workflow, as docs/compatibility.md says of the type');
    if (purposeOf(event.type) === 'cancel') return this.#cancel(workflow, event, target);
    const { activityId, topic } = target;
    if (topic === undefined) throw invalid('subject', 'must end with a topic');
    const sent = {
      ...this.#sentBy(event, topic),
      ...(key !== undefined && { correlationKey: key }),
    };
    if (activityId !== undefined) {
      await this.waits.send(await this.#activityOf(workflow, activityId), sent, event);
      return signalledReceipt(event, 'signalled', [activityId]);
    }
    if (key === undefined) throw invalid(KEY, 'is required where the subject names no activity');
    return signalledOf(
      event,
      await this.waits.match(workflow.id, { ...sent, correlationKey: key }, event),
    );
  }

  /**
   * What an event of any other type says to runs of the workflow, if it has a key and the workflow waits for
   * such events. Its topic is that of its subject, else its type.
   */
  async sentByTheWay(
    workflow: Workflow,
    event: CloudEvent,
    topicInSubject?: string,
  ): Promise<Keyed | undefined> {
    const correlationKey = event.extensions[KEY];
    if (correlationKey === undefined || workflow.status !== 'active') return undefined;
    const topic = topicInSubject ?? event.type;
    if (topic.length > TOPIC_CHARS_MAX || !(await this.topics.has(workflow, topic)))
      return undefined;
    const key = keyOf(event);
    return key === undefined ? undefined : { ...this.#sentBy(event, topic), correlationKey: key };
  }

  async match(workflow: Workflow, event: CloudEvent, sent: Keyed): Promise<Signalled> {
    return signalledOf(event, await this.waits.match(workflow.id, sent, event));
  }

  /** Of all these workflows, for an event that names none; its topic is its type. */
  async matchAll(
    workflows: readonly Workflow[],
    event: CloudEvent,
  ): Promise<Pick<EventsReceipt, 'signalled' | 'kept'>> {
    if (event.extensions[KEY] === undefined) return {};
    const matches = await Promise.all(
      workflows.map(async (workflow) => {
        const sent = await this.sentByTheWay(workflow, event);
        const match = sent && (await this.waits.match(workflow.id, sent, event));
        return { workflowId: workflow.id, match };
      }),
    );
    const signalled = matches.flatMap(({ workflowId, match }) =>
      match?.kind === 'signalled'
        ? match.activities.map((activityid) => ({ workflowId, activityid }))
        : [],
    );
    const kept = matches.flatMap(({ workflowId, match }) =>
      match?.kind === 'kept' ? { workflowId, until: new Date(match.until).toISOString() } : [],
    );
    return { ...(signalled.length > 0 && { signalled }), ...(kept.length > 0 && { kept }) };
  }

  async #cancel(
    workflow: Workflow,
    event: CloudEvent,
    { activityId }: EventTarget,
  ): Promise<Signalled> {
    if (activityId === undefined) throw invalid('subject', 'must name the activity');
    await this.#activityOf(workflow, activityId);
    await this.waits.cancel(activityId, workflow.id, event);
    return signalledReceipt(event, 'cancelled', [activityId]);
  }

  /** One of another workflow is as one that is not there. */
  async #activityOf(
    workflow: Workflow,
    id: string,
  ): Promise<{ readonly id: string; readonly workflowId: string }> {
    const found = await this.store.get(id);
    if (found?.workflowId !== workflow.id) throw new ActivityNotFoundError(id);
    if (isFinal(found.status)) throw new ActivityEndedError(id);
    return found;
  }

  #sentBy({ extensions, data }: CloudEvent, topic: string): SentToRuns {
    if (topic.length > TOPIC_CHARS_MAX)
      throw invalid('subject', `must have a topic of ${TOPIC_CHARS_MAX} characters at most`);
    const outcome = outcomeOf(String(extensions[STATUS] ?? 'succeeded'));
    if (outcome === undefined) throw invalid(STATUS, STATUS_RULE);
    const payload = payloadOf(data, this.payloadBytesMax);
    return { topic, outcome, ...(payload !== undefined && { payload }) };
  }
}

function keyOf({ extensions }: CloudEvent): string | undefined {
  const key = extensions[KEY];
  if (key === undefined) return undefined;
  const text = String(key);
  if (text.length < 1 || text.length > TOPIC_CHARS_MAX)
    throw invalid(KEY, `must have 1 to ${TOPIC_CHARS_MAX} characters`);
  return text;
}

/** JSON or text; bytes are none. */
function payloadOf(data: EventData | undefined, bytesMax: number): JsonValue | undefined {
  if (data === undefined || data.kind === 'binary') return undefined;
  if (Buffer.byteLength(data.text) > bytesMax) throw new BodyTooLargeError(bytesMax);
  return data.kind === 'json' ? data.value : data.text;
}

function invalid(attribute: string, detail: string): InvalidEventError {
  return new InvalidEventError([{ attribute, detail }]);
}
