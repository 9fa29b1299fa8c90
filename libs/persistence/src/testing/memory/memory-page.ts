import { CursorInvalidError } from '../../errors.js';

/** The sort key of a row, the most significant part first. */
type Place = readonly (string | number)[];

interface PageQuery<Row> {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly order: 'ascending' | 'descending';
  readonly placeOf: (row: Row) => Place;
  /** The `typeof` of each part of a sort key of this list. */
  readonly kinds: readonly string[];
}

/**
 * One page of a list: all rows are sorted, those up to the cursor are left out, and the first `limit` are taken. The
 * cursor is the sort key of the last row of the page before. It shares no code with the queries of MongoDB.
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
    // Text that is no JSON is an invalid cursor, too.
  }
  throw new CursorInvalidError();
}
