import { Buffer } from 'node:buffer';
import { type CloudEvent, contextAttributes, type EventData, InvalidEventError } from '@app/events';
import { BodyTooLargeError } from '@app/http';
import { type JsonValue, toJsonText } from '@app/json';
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

/** The extension attributes with the correlation key and with the outcome of what the runs wait for. */
const KEY = 'correlationid';
const STATUS = 'status';

type Keyed = SentToRuns & { readonly correlationKey: string };

/** Delivers events to existing runs of a workflow. The caller has checked the token. */
export class EventsForRuns {
  constructor(
    private readonly waits: EventWaits,
    private readonly store: Pick<ActivityStore, 'get'>,
    private readonly topics: AwaitedTopics,
    /** Of the data of an event, and of its attributes. */
    private readonly bytesMax: number,
  ) {}

  /** Takes an event whose type signals or cancels runs. @throws FlowError if it is rejected */
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
   * What an event of any other type delivers to runs of the workflow; undefined if the event has no correlation key or
   * the workflow does not wait for its topic. The topic is that of the subject, else the type.
   */
  async correlatedOf(
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

  /** Delivers an event that names no workflow to the waiting runs of all these workflows. Its topic is its type. */
  async matchAll(
    workflows: readonly Workflow[],
    event: CloudEvent,
  ): Promise<Pick<EventsReceipt, 'signalled' | 'kept'>> {
    if (event.extensions[KEY] === undefined) return {};
    const matches = await Promise.all(
      workflows.map(async (workflow) => {
        const sent = await this.correlatedOf(workflow, event);
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

  /** The activity of the workflow. @throws ActivityNotFoundError also for one of another workflow */
  async #activityOf(
    workflow: Workflow,
    id: string,
  ): Promise<{ readonly id: string; readonly workflowId: string }> {
    const found = await this.store.get(id);
    if (found?.workflowId !== workflow.id) throw new ActivityNotFoundError(id);
    if (isFinal(found.status)) throw new ActivityEndedError(id);
    return found;
  }

  #sentBy(event: CloudEvent, topic: string): SentToRuns {
    const { extensions, data } = event;
    if (topic.length > TOPIC_CHARS_MAX)
      throw invalid('subject', `must have a topic of ${TOPIC_CHARS_MAX} characters at most`);
    const outcome = outcomeOf(String(extensions[STATUS] ?? 'succeeded'));
    if (outcome === undefined) throw invalid(STATUS, STATUS_RULE);
    const attributes = contextAttributes(event);
    if (Buffer.byteLength(toJsonText(attributes)) > this.bytesMax)
      throw new BodyTooLargeError(this.bytesMax);
    const payload = payloadOf(data, this.bytesMax);
    return { topic, outcome, attributes, ...(payload !== undefined && { payload }) };
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

/** The data as a JSON value; undefined for binary data. */
function payloadOf(data: EventData | undefined, bytesMax: number): JsonValue | undefined {
  if (data === undefined || data.kind === 'binary') return undefined;
  if (Buffer.byteLength(data.text) > bytesMax) throw new BodyTooLargeError(bytesMax);
  return data.kind === 'json' ? data.value : data.text;
}

function invalid(attribute: string, detail: string): InvalidEventError {
  return new InvalidEventError([{ attribute, detail }]);
}
