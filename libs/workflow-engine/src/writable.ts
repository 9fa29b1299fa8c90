/** An object while it is made: its members are set one by one, which costs less than a spread for each optional one. */
export type Writable<T> = { -readonly [Name in keyof T]: T[Name] };
