/** Makes the compiler check that a `switch` is exhaustive. @throws Error when it is called, with the unexpected value */
export function assertNever(value: never, what: string): never {
  throw new Error(`Unexpected ${what}: ${JSON.stringify(value)}`);
}
