import { comparableName } from '@app/errors';
import { IfGiven } from '@app/http';
import { Transform } from 'class-transformer';
import { API_TOKEN_ROLES, type ApiTokenRole, type ApiTokenScope } from '@app/persistence';
import {
  ArrayMaxSize,
  ArrayUnique,
  IsArray,
  IsIn,
  IsString,
  Length,
  Matches,
  ValidateBy,
} from 'class-validator';
import { LivesUntil, Visible } from '../workflows/token-body.js';

const GROUPS_MAX = 20;
const WORKFLOWS_MAX = 100;
const LABELS_MAX = 10;
const TEXT_CHARS_MAX = 128;

const NO_SPACE_AT_ENDS = /^(?!\s).+(?<!\s)$/su;

/** Names that the record uses for actors other than people are refused. */
const LABEL =
  /^(?!administrator\b|nobody$)[\p{L}\p{N}](?:[\p{L}\p{M}\p{N} ._@+'-]*[\p{L}\p{M}\p{N}])?$/iu;

export class ApiTokenBody {
  /** The name of the person: of the voter, and in the record. */
  @Comparable()
  @IsString()
  @Length(1, 100)
  @Visible()
  @Matches(LABEL, {
    message:
      "must be letters, digits, spaces and . _ @ + ' -, begin and end with a letter or digit, and not be " +
      '"nobody" or begin with "administrator"',
  })
  readonly label!: string;

  @IsIn(API_TOKEN_ROLES)
  readonly role!: ApiTokenRole;

  /** Groups of approvers that the person belongs to. */
  @IfGiven()
  @IsArray()
  @ArrayMaxSize(GROUPS_MAX)
  @ArrayUnique(keyOf)
  @IsString({ each: true })
  @Length(1, 100, { each: true })
  @Visible({ each: true })
  @Matches(NO_SPACE_AT_ENDS, { each: true, message: 'must not begin or end with a space' })
  readonly groups: readonly string[] = [];

  /** The workflows that the token is for; without it, all workflows and the resources of the installation. */
  @IfGiven()
  @ValidateBy(
    { name: 'scope', validator: { validate: isScope } },
    {
      message:
        `must be { "workflows": [ids] }, 1 to ${WORKFLOWS_MAX}, or { "labels": { name: value } }, 1 to ${LABELS_MAX}; ` +
        `a text has up to ${TEXT_CHARS_MAX} characters`,
    },
  )
  readonly scope?: ApiTokenScope;

  /** ISO 8601, in the future; without it the token does not expire. */
  @LivesUntil()
  readonly expiresAt?: string;
}

/** Normalizes a name to NFC, the form in which names are compared: the same characters are the same name. */
function Comparable(): PropertyDecorator {
  return Transform(({ value }: { readonly value: unknown }) =>
    typeof value === 'string' ? value.normalize('NFC') : value,
  );
}

function keyOf(group: unknown): unknown {
  return typeof group === 'string' ? comparableName(group) : group;
}

/** Requires exactly one of `workflows` and `labels`, and a nonempty one: an empty scope would allow every workflow. */
function isScope(value: unknown): boolean {
  if (!isObject(value)) return false;
  const [[kind, of] = ['', undefined], ...others] = Object.entries(value) as [string, unknown][];
  if (others.length > 0) return false;
  if (kind === 'workflows') return Array.isArray(of) && areTexts(of, WORKFLOWS_MAX);
  if (kind !== 'labels' || !isObject(of)) return false;
  return areTexts(Object.keys(of), LABELS_MAX) && Object.values(of).every(isText);
}

function areTexts(texts: readonly unknown[], most: number): boolean {
  return (
    texts.length > 0 && texts.length <= most && texts.every((text) => isText(text) && text !== '')
  );
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value.length <= TEXT_CHARS_MAX;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
