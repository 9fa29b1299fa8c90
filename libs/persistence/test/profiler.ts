import { type mongo } from 'mongoose';

/** A key past the end of each part of a merge, and the like. */
export const FEW = 10;

/** What MongoDB tells of one command. */
export interface Profiled {
  readonly ns: string;
  readonly op: string;
  readonly planSummary?: string;
  readonly keysExamined?: number;
  readonly docsExamined?: number;
  readonly nreturned?: number;
  readonly ndeleted?: number;
  readonly nMatched?: number;
  readonly hasSortStage?: boolean;
  readonly keysInserted?: number;
  readonly keysDeleted?: number;
}

/** What MongoDB did for it, by its own profiler: every command, whoever in our code sent it. */
export async function profiled(
  db: mongo.Db,
  work: () => Promise<unknown>,
  collection: string,
): Promise<readonly Profiled[]> {
  await db.command({ profile: 2 });
  try {
    await work();
  } finally {
    await db.command({ profile: 0 });
  }
  const found = await db
    .collection('system.profile')
    .find<Profiled>({ ns: `${db.databaseName}.${collection}` })
    .toArray();
  await db.collection('system.profile').drop();
  return found;
}

function returnedBy({ nreturned, ndeleted, nMatched }: Profiled): number {
  return nreturned ?? ndeleted ?? nMatched ?? 1;
}

/** Each is served by an index, in its order, and reads what it returns. */
export function expectFrugal(commands: readonly Profiled[], more = FEW, scansMax = Infinity): void {
  expect(commands.length).toBeGreaterThan(0);
  for (const command of commands) {
    const { planSummary = 'NONE', keysExamined = 0, docsExamined = 0, hasSortStage } = command;
    const most = returnedBy(command) + more;
    expect({ planSummary, hasSortStage }).toEqual({
      planSummary: expect.not.stringContaining('COLLSCAN') as string,
      hasSortStage: undefined,
    });
    expect(planSummary.match(/IXSCAN/g)?.length ?? 0).toBeLessThanOrEqual(scansMax);
    expect(keysExamined).toBeLessThanOrEqual(most);
    expect(docsExamined).toBeLessThanOrEqual(most);
  }
}

/** Reads one key of each workflow and no activity (many-workflows.int-spec.ts). */
export function isOfWorkflows({ planSummary = '' }: Profiled): boolean {
  return planSummary.startsWith('DISTINCT_SCAN');
}

/** The commands that read activities. */
export function readsOf(commands: readonly Profiled[]): readonly Profiled[] {
  return commands.filter((command) => !isOfWorkflows(command));
}
