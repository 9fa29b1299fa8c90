/** An own member of a record, or undefined; never a member of its prototype, even if users choose the name. */
export function ownMember<T>(
  record: Readonly<Record<string, T>> | undefined,
  name: string,
): T | undefined {
  return record !== undefined && Object.hasOwn(record, name) ? record[name] : undefined;
}
