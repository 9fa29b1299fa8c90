/**
 * A name in the form in which names of people, groups and labels are compared: Unicode's NFC, without white space at
 * its ends. So two names that look alike are one, however a keyboard or a file has written them.
 */
export function comparableName(name: string): string {
  return name.normalize('NFC').trim();
}
