import { accessSync, constants, statSync } from 'node:fs';
import { ValidateBy } from 'class-validator';
import { isCidr, isHttpUrl, isMongoUrl, isNatsUrl } from './addresses.js';

/** The name of the rule that `@Secret` adds; it marks a variable as a secret. */
export const SECRET = 'secret';

const LIST_ENTRIES_MAX = 64;

/** `mongodb://` or `mongodb+srv://`, with the name of the database. */
export function IsMongoUrl(): PropertyDecorator {
  return valueRule(
    'isMongoUrl',
    'a mongodb:// or mongodb+srv:// URL with a database name, its password percent-encoded',
    (value) => isMongoUrl(value),
  );
}

/** An absolute `http:` or `https:` URL without query, fragment and credentials. */
export function IsHttpUrl(): PropertyDecorator {
  return valueRule('isHttpUrl', 'an http:// or https:// URL without query', (value) =>
    isHttpUrl(value),
  );
}

/** For a `readonly string[]`: the servers of one NATS cluster, at least one. */
export function IsNatsUrls(): PropertyDecorator {
  return listRule(
    'isNatsUrls',
    'nats:// or tls:// URLs with commas between, passwords percent-encoded',
    1,
    isNatsUrl,
  );
}

/** For a `readonly string[]`: IP addresses and networks such as `10.0.0.0/8`; may be empty. */
export function IsCidrList(): PropertyDecorator {
  return listRule(
    'isCidrList',
    'IP addresses or networks (10.0.0.0/8) with commas between',
    0,
    isCidr,
  );
}

/**
 * A NATS subject with wildcards. Its first token must not begin with `$` or `_`, which NATS uses for subjects of its
 * own (`$JS`, `$SYS`, `_INBOX`).
 */
const NATS_SUBJECT = /^(?![$_])(?:(?:[^.*>\s]+|\*)\.)*(?:[^.*>\s]+|\*|>)$/;

/** For a `readonly string[]`: NATS subjects, which may have wildcards; may be empty. */
export function IsSubjectList(): PropertyDecorator {
  return listRule(
    'isSubjectList',
    'subjects of NATS (audit.>, a.*.b) with commas between',
    0,
    (entry) => NATS_SUBJECT.test(entry),
  );
}

const HOST_NAME = /^[A-Za-z0-9]([A-Za-z0-9.-]{0,252}[A-Za-z0-9])?$/;

/** For a `readonly string[]`: host names, or `*`; may be empty. */
export function IsHostList(): PropertyDecorator {
  return listRule(
    'isHostList',
    'names of hosts, or *, with commas between',
    0,
    (entry) => entry === '*' || HOST_NAME.test(entry),
  );
}

/** For a `readonly string[]`: origins as browsers write them, or `*`; may be empty. */
export function IsOriginList(): PropertyDecorator {
  return listRule(
    'isOriginList',
    'origins (https://app.example), or *, with commas between',
    0,
    (entry) => entry === '*' || (URL.canParse(entry) && new URL(entry).origin === entry),
  );
}

/** The path of a file that can be read when the app starts. */
export function IsFile(): PropertyDecorator {
  return valueRule('isFile', 'the path of a file that can be read', isReadableFile);
}

/** A secret of at least `lengthMin` characters. Its value is never shown. */
export function Secret(lengthMin = 16): PropertyDecorator {
  return valueRule(
    SECRET,
    `a secret of ${lengthMin} characters or more`,
    (value) => value.length >= lengthMin,
  );
}

function isReadableFile(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function valueRule(
  name: string,
  allowed: string,
  accepts: (value: string) => boolean,
): PropertyDecorator {
  const validate = (value: unknown): boolean => typeof value === 'string' && accepts(value);
  return ValidateBy({ name, validator: { validate } }, { context: { allowed } });
}

function listRule(
  name: string,
  allowed: string,
  entriesMin: number,
  accepts: (entry: string) => boolean,
): PropertyDecorator {
  const validate = (value: unknown): boolean =>
    Array.isArray(value) &&
    value.length >= entriesMin &&
    value.length <= LIST_ENTRIES_MAX &&
    value.every((entry) => typeof entry === 'string' && accepts(entry));
  return ValidateBy(
    { name, validator: { validate } },
    { context: { allowed: `${allowed} (${LIST_ENTRIES_MAX} at most)`, list: true } },
  );
}
