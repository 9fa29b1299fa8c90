/** Makes the compiler check that a `switch` is exhaustive. @throws Error if it was not, at run time. */
export function assertNever(value: never, what: string): never {
  throw new Error(`Unexpected ${what}: ${JSON.stringify(value)}`);
}
