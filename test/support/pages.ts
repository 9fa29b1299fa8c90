import { type FlowSystem } from './flow-system.js';

/** What all pages hold, and that none is larger than asked for. */
export async function everyPage(
  system: FlowSystem,
  path: string,
  member: 'workflows' | 'activities',
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const limit = Number(new URL(path, system.executorUrl).searchParams.get('limit'));
  const found: Readonly<Record<string, unknown>>[] = [];
  let cursor: string | undefined;
  do {
    const answer = await system.asAdmin(cursor === undefined ? path : `${path}&cursor=${cursor}`);
    const { [member]: items, nextCursor } = answer.body as Readonly<
      Record<typeof member, readonly Readonly<Record<string, unknown>>[]>
    > & { readonly nextCursor?: string };
    expect(items.length).toBeLessThanOrEqual(limit);
    found.push(...items);
    cursor = nextCursor;
  } while (cursor !== undefined);
  return found;
}
