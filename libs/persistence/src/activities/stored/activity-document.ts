import { type CloudEvent, type TriggerKind } from '@app/events';
import { type ActivityStatus } from '@app/workflow-engine';
import { type mongo } from 'mongoose';
import { type ActivityParent, type ActivityRetryOf } from '../activity.js';
import { type StoredFields } from '../../storage/stored-fields.js';

/**
 * An activity as MongoDB stores it. The system's own structure is BSON, readable in mongosh; the
 * values of users (event data, results) are JSON text inside it (see `toStored`).
 */
export interface ActivityDocument {
  readonly _id: string;
  readonly workflowId: string;
  readonly workflowRevision: number;
  /** The task types and features a build needs to run it, the rarest first; absent when every build can. */
  readonly requires?: readonly string[];
  /** The version of the state's form; absent for version 1. */
  readonly stateVersion?: number;
  /**
   * The rarest requirement. A claim excludes the requirements its build lacks, in the index `open`;
   * absent when every build can run the activity.
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
  /** The engine's state, without the parts that have a field of their own below. */
  readonly run?: StoredFields;
  /** A list of entries with a `name`, because as keys the names of users could collide with BSON's own. */
  readonly tasks?: readonly StoredFields[];
  /** The members of the run's results (`name`, `value`), when they are large; else they are in `run`. */
  readonly results?: readonly StoredFields[];
  /** About how many bytes lie in the collection `results`; absent for none. */
  readonly besideBytes?: number;
  readonly waitingFor?: readonly StoredFields[];
  readonly failure?: StoredFields;
  /** The keys (`waitKeyOf`) of the events that its tasks wait for by correlation key; absent for none. */
  readonly openWaits?: readonly string[];
  readonly inbox: readonly StoredFields[];
  /** Empty or absent when every entry has been delivered. */
  readonly outbox?: readonly StoredFields[];
  readonly undelivered?: readonly StoredFields[];
  readonly notBefore?: Date;
  readonly wakeAt?: Date;
  readonly leaseOwner?: string;
  readonly takeovers?: number;
  /** The id of the last commit or claim, by which a writer finds out whether its write succeeded. */
  readonly commitId?: string;
  readonly conflicts?: number;
  /** Runs that came of it at any depth, but for those its own tasks began; counted to bound them. Absent for none. */
  readonly descendants?: number;
  /** The calendar month (UTC) whose quota it counts against, such as 202611; absent when its workflow had no quota. */
  readonly quotaMonth?: number;
  readonly refusal?: RejectedRequestDocument;
  /** Set on rejected requests alone: an index tells them from runs that failed. */
  readonly refused?: true;
  /** Of activities that ended under version 0.1; nothing reads it any more. */
  readonly expiresAt?: Date;
}

/** An activity that an event started, as it is inserted. */
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
