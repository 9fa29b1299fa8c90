import { CursorInvalidError } from '../../errors.js';

/** Where a row is in a list: what the list is sorted by, the most significant first. */
type Place = readonly (string | number)[];

interface PageQuery<Row> {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly order: 'ascending' | 'descending';
  readonly placeOf: (row: Row) => Place;
  /** What stands in a place of this list, as `typeof` says it. */
  readonly kinds: readonly string[];
}

/**
 * One page of a list: all rows are sorted, those up to the cursor left out, and the first few taken. The cursor is
 * the place of the last row of the page before. Nothing of how MongoDB is asked for it.
 */
export function pageOf<Row>(
  rows: readonly Row[],
  { limit, cursor, order, placeOf, kinds }: PageQuery<Row>,
): { readonly page: readonly Row[]; readonly nextCursor?: string } {
  const compare = (a: Place, b: Place): number =>
    order === 'ascending' ? comparePlaces(a, b) : comparePlaces(b, a);
  const sorted = rows.toSorted((a, b) => compare(placeOf(a), placeOf(b)));
  const after = cursor === undefined ? undefined : placeIn(cursor, kinds);
  const rest = sorted.filter((row) => after === undefined || compare(placeOf(row), after) > 0);
  const page = rest.slice(0, limit);
  const last = page.at(-1);
  if (last === undefined || rest.length <= limit) return { page };
  return { page, nextCursor: Buffer.from(JSON.stringify(placeOf(last))).toString('hex') };
}

function comparePlaces(a: Place, b: Place): number {
  for (const [index, one] of a.entries()) {
    const other = b[index];
    if (other !== undefined && one !== other) return one < other ? -1 : 1;
  }
  return 0;
}

function placeIn(cursor: string, kinds: readonly string[]): Place {
  try {
    const place = JSON.parse(Buffer.from(cursor, 'hex').toString()) as Place;
    if (place.map((part) => typeof part).join() === kinds.join()) return place;
  } catch {
    // Not one of ours: as below.
  }
  throw new CursorInvalidError();
}
