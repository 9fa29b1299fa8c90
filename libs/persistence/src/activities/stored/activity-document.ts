import { type CloudEvent, type TriggerKind } from '@app/events';
import { type ActivityStatus } from '@app/workflow-engine';
import { type mongo } from 'mongoose';
import { type ActivityParent, type ActivityRetryOf } from '../activity.js';
import { type StoredFields } from '../../storage/stored-fields.js';

/**
 * An activity as it lies in MongoDB. Our own structure is BSON, readable in mongosh; what users
 * made (event data, results) is JSON text inside it (see `toStored`).
 */
export interface ActivityDocument {
  readonly _id: string;
  readonly workflowId: string;
  readonly workflowRevision: number;
  /** What a build must have to run it, the rarest first; absent for nothing. */
  readonly requires?: readonly string[];
  /** Of the state; absent for the first version. */
  readonly stateVersion?: number;
  /**
   * The rarest of what it requires, by which the claims of builds that lack it pass it over in the
   * index; absent when every build can take it.
   */
  readonly gate?: string;
  readonly trigger: TriggerKind;
  readonly status: ActivityStatus;
  readonly revision: number;
  readonly createdAt: Date;
  readonly event?: EventDocument;
  /** Its `query` and `headers`, each as JSON text. */
  readonly request?: StoredFields;
  readonly parent?: ActivityParent;
  readonly retryOf?: ActivityRetryOf;
  /** The engine's state, without what has a field of its own below. */
  readonly run?: StoredFields;
  /** Each with its `name`: as keys, users' names could collide with BSON's own. */
  readonly tasks?: readonly StoredFields[];
  /** The members of the run's results (`name`, `value`), when they are large; else they are in `run`. */
  readonly results?: readonly StoredFields[];
  /** About how many bytes lie in the collection `results`; absent for none. */
  readonly besideBytes?: number;
  readonly waitingFor?: readonly StoredFields[];
  readonly failure?: StoredFields;
  /** `waitKeyOf` each event that its tasks wait for by a key; absent for none. */
  readonly openWaits?: readonly string[];
  readonly inbox: readonly StoredFields[];
  /** Empty or absent when all of it is delivered. */
  readonly outbox?: readonly StoredFields[];
  readonly undelivered?: readonly StoredFields[];
  readonly notBefore?: Date;
  readonly wakeAt?: Date;
  readonly leaseOwner?: string;
  readonly takeovers?: number;
  /** Made for each commit and claim, so that its writer can tell whether it was the one who won. */
  readonly commitId?: string;
  readonly conflicts?: number;
  /** Runs behind those that its tasks have begun; absent for none. */
  readonly descendants?: number;
  /** The month that it counts in; absent where its workflow had no quota. */
  readonly quotaMonth?: number;
  readonly refusal?: RejectedRequestDocument;
  /** Set on rejected requests alone: an index tells them from runs that failed. */
  readonly refused?: true;
  /** Of activities that ended under version 0.1; nothing reads it any more. */
  readonly expiresAt?: Date;
}

/** One that an event started, as it is inserted. */
export interface RecordedDocument extends ActivityDocument {
  readonly event: EventDocument;
}

type StoredAttribute =
  'id' | 'source' | 'type' | 'subject' | 'time' | 'datacontenttype' | 'dataschema';

export interface EventDocument extends Pick<CloudEvent, StoredAttribute> {
  /** Names are a-z and 0-9, values scalars. */
  readonly extensions: StoredFields;
  readonly dataKind?: 'json' | 'text' | 'binary';
  readonly data?: string | mongo.Binary;
}

export interface RejectedRequestDocument {
  readonly count: number;
  readonly firstAt: Date;
  readonly lastAt: Date;
  readonly eventId?: string;
  readonly source?: string;
  readonly remoteAddress?: string;
}
