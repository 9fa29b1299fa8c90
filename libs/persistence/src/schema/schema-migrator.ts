import { HOUR_MS } from '@app/workflow-engine';
import { Logger } from '@nestjs/common';
import { type Connection, type mongo } from 'mongoose';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { RETIRED_INDEXES } from '../activities/stored/activity.schema.js';
import { type MongoLink } from '../connection/mongo-link.js';
import { FIRST_SCHEMA_VERSION, MIGRATIONS, type Migration } from './migrations.js';
import {
  type CollectionIndexes,
  compareIndexes,
  dropIndexes,
  reconcileIndexes,
  type IndexDefinition,
} from './reconcile-indexes.js';
import { META, StoreLease } from '../due/store-lease.js';
import { forgetUnneeded, type Unneeded, unneededForMs } from './unneeded-indexes.js';

/** The pause between two looks whether another process has finished the migration, in milliseconds. */
const LOOK_MS = 200;
const LEASE_MS = 30_000;
/** How long the release of the lease may take at a stop, in milliseconds. */
const GIVE_UP_MS_MAX = 1_000;
const SCHEMA = 'schema';

export interface SchemaMigratorSettings {
  readonly migrations: readonly Migration[];
  /**
   * How long an index is kept after it was first found to be unneeded, in milliseconds: processes of the version before
   * may still use it.
   */
  readonly retireAfterMs: number;
  /** The pause after an attempt that failed, in milliseconds; default 2,000. */
  readonly retryMs?: number;
}

const RETRY_MS = 2_000;

const DEFAULT_SCHEMA_MIGRATOR_SETTINGS: SchemaMigratorSettings = {
  migrations: MIGRATIONS,
  retireAfterMs: HOUR_MS,
};

interface SchemaDocument {
  readonly _id: typeof SCHEMA;
  readonly version: number;
  /** When the database reached that version, by MongoDB's clock. */
  readonly at: Date;
}

/**
 * Migrates the database to the state that this version expects: its indexes, then the stored data, one version after the
 * other. One process at a time migrates, by a lease; the others poll until it has finished, and take over if it dies. If
 * nothing is to be done, no process takes the lease, so most starts delay no other. The app does not wait for the
 * migration: until it has finished some answers are slow, and none is wrong (ids are unique by MongoDB's own index;
 * workflow names are unique once their index exists). A database that a newer version has migrated is not changed.
 */
export class SchemaMigrator {
  readonly #log = new Logger(SchemaMigrator.name);
  readonly #lease = new StoreLease('migration', randomUUID(), LEASE_MS);
  readonly #stopping = new AbortController();
  /** The database, while this process may have the lease. */
  #working: mongo.Db | undefined;
  #running = false;
  #done = false;
  #since = Date.now();
  /** The number of consecutive failed attempts. */
  #failed = 0;

  constructor(
    private readonly link: MongoLink,
    private readonly settings: SchemaMigratorSettings = DEFAULT_SCHEMA_MIGRATOR_SETTINGS,
  ) {}

  /** Whether the database is known to be in the state that this version expects. */
  get done(): boolean {
    return this.#done;
  }

  /** When `done` last changed, in milliseconds since 1970. */
  get since(): number {
    return this.#since;
  }

  start(): void {
    this.link.onChange((available) => {
      if (available && !this.#running && !this.#done) void this.#migrateUntilDone();
    });
  }

  /**
   * Stops at the next step and releases the lease, so that another process can continue at once. Must be called before
   * the connection is closed.
   */
  async stop(): Promise<void> {
    this.#stopping.abort();
    if (!this.#working) return;
    const late = sleep(GIVE_UP_MS_MAX, undefined, { ref: false });
    await Promise.race([this.#lease.giveUp(this.#working).catch(() => undefined), late]);
  }

  async #migrateUntilDone(): Promise<void> {
    this.#running = true;
    while (!this.#done && this.link.available && !this.#stopping.signal.aborted) {
      try {
        this.#done = await this.link.maintain((db) => this.#migrateOrWait(db));
      } catch (error) {
        this.#sayFailed(error);
        await sleep(this.settings.retryMs ?? RETRY_MS, undefined, { ref: false });
      }
    }
    if (this.#done) this.#sayDone();
    this.#running = false;
  }

  /**
   * Waits while another process migrates, which may take hours, on one connection: connecting for each look would cost
   * MongoDB an authentication each.
   * @returns false when this process stops or MongoDB is gone
   */
  async #migrateOrWait(db: mongo.Db): Promise<boolean> {
    const { signal } = this.#stopping;
    while (!(await this.migrate(db))) {
      await sleep(LOOK_MS, undefined, { ref: false, signal }).catch(() => undefined);
      if (signal.aborted || !this.link.available) return false;
    }
    return true;
  }

  /** Logs one line at the first failure and one when the migration succeeds, however many attempts fail. */
  #sayFailed(error: unknown): void {
    if (this.#stopping.signal.aborted) return;
    this.#failed += 1;
    if (this.#failed > 1) return;
    this.#log.warn(
      `The database can't be brought up to this version yet; it is tried again until it can: ${String(error)}`,
    );
  }

  #sayDone(): void {
    this.#since = Date.now();
    if (this.#failed === 0) return;
    this.#log.log(
      `The database has been brought up to this version after ${this.#failed} attempts that failed`,
    );
    this.#failed = 0;
  }

  /** Migrates, unless another process does. @returns whether the database is migrated */
  async migrate(db: mongo.Db): Promise<boolean> {
    const target = this.settings.migrations.at(-1)?.version ?? FIRST_SCHEMA_VERSION;
    if (await this.#isNewer(db, target)) return true;
    if (await this.#isAsWanted(db, target)) return true;
    this.#working = db;
    if ((await this.#lease.take(db)) === undefined) return false;
    const renewal = setInterval(() => void this.#lease.renew(db).catch(() => false), LEASE_MS / 3);
    try {
      // The holder of the lease before may have migrated further since the version was read.
      if (await this.#isNewer(db, target)) return true;
      const version = await versionOf(db);
      const unneeded = await createIndexes(db, this.link.connection);
      for (const migration of this.settings.migrations) {
        if (migration.version > version) await this.#run(db, migration);
      }
      await this.#retire(db, unneeded);
      return true;
    } finally {
      clearInterval(renewal);
      await this.#lease.giveUp(db).catch(() => undefined);
      this.#working = undefined;
    }
  }

  /** Whether nothing is to be done, now or later; changes nothing. */
  async #isAsWanted(db: mongo.Db, target: number): Promise<boolean> {
    if ((await versionOf(db)) !== target) return false;
    for (const indexes of indexesOf(this.link.connection)) {
      const { missing, unneeded } = await compareIndexes(db, indexes);
      if (missing.length > 0 || unneeded.length > 0) return false;
    }
    return true;
  }

  /** Whether a newer release has migrated the database, which is then not changed. */
  async #isNewer(db: mongo.Db, target: number): Promise<boolean> {
    const version = await versionOf(db);
    if (version <= target) return false;
    this.#log.warn(`The database is at version ${version} of a newer release; ours is ${target}`);
    return true;
  }

  async #run(db: mongo.Db, migration: Migration): Promise<void> {
    const { version, what } = migration;
    const begun = Date.now();
    await migration.run(db, async () => {
      if (this.#stopping.signal.aborted) throw new Error('this process stops');
      if (!(await this.#lease.renew(db))) throw new Error('another process migrates');
    });
    // Never decrease the version: a process whose lease expired unnoticed may write after a newer one.
    const at = { $cond: [{ $gt: [version, '$version'] }, '$$NOW', '$at'] };
    const set = { version: { $max: [version, '$version'] }, at };
    await db
      .collection<SchemaDocument>(META)
      .updateOne({ _id: SCHEMA }, [{ $set: set }], { upsert: true });
    const tookMs = Date.now() - begun;
    this.#log.log(`The database is at version ${version} now: ${what} (${tookMs} ms)`);
  }

  /** Now, or, while an older release may still be running, later and by whoever is there then. */
  async #retire(db: mongo.Db, unneeded: Unneeded): Promise<void> {
    if (unneeded.length === 0) return;
    const waitMs = this.settings.retireAfterMs - (await unneededForMs(db, unneeded));
    if (waitMs > 0) {
      this.#retireIn(waitMs);
      return;
    }
    for (const { collection, names } of unneeded) {
      await dropIndexes(db, collection, names);
      this.#log.log(`Dropped indexes of ${collection} that nothing needs: ${names.join(', ')}`);
    }
    await forgetUnneeded(db);
  }

  #retireIn(waitMs: number, failed = 0): void {
    setTimeout(() => void this.#retireLater(failed), waitMs).unref();
  }

  /** Until it or another process has done so: each write pays for an index that nothing needs. */
  async #retireLater(failed: number): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    const retryMs = this.settings.retryMs ?? RETRY_MS;
    try {
      const isDone = await this.link.maintain((db) => this.migrate(db));
      if (!isDone) this.#retireIn(retryMs, failed);
    } catch (error) {
      if (failed === 0) {
        this.#log.warn(
          `Old indexes can't be dropped yet; it is tried again until they are: ${String(error)}`,
        );
      }
      this.#retireIn(retryMs, failed + 1);
    }
  }
}

async function versionOf(db: mongo.Db): Promise<number> {
  const found = await db.collection<SchemaDocument>(META).findOne({ _id: SCHEMA });
  return found?.version ?? FIRST_SCHEMA_VERSION;
}

/** Creates what the schemas name and is missing; tells what is there of ours and not needed. */
export async function createIndexes(db: mongo.Db, connection: Connection): Promise<Unneeded> {
  const unneeded: Unneeded[number][] = [];
  for (const indexes of indexesOf(connection)) {
    const names = await reconcileIndexes(db, indexes);
    if (names.length > 0) unneeded.push({ collection: indexes.collection, names });
  }
  return unneeded;
}

function indexesOf({ models }: Connection): readonly CollectionIndexes[] {
  return Object.values(models).map(({ schema, collection: { name } }) => {
    const wanted = schema.indexes().map(([key, options]) => {
      const { background: _, ...rest } = options;
      return { ...rest, key } as unknown as IndexDefinition;
    });
    return { collection: name, wanted, retired: RETIRED_INDEXES[name] ?? [] };
  });
}
