import { type TriggerKind, WORKFLOW_ID, WORKFLOW_ID_RULE } from '@app/events';
import { IfGiven } from '@app/http';
import { type Trigger } from '@app/persistence';
import { IsString, Matches, MaxLength, ValidateBy } from 'class-validator';

const LABELS_MAX = 64;
const LABEL_CHARS_MAX = 256;

/** A workflow as it is posted, apart from its definition. */
export class WorkflowHead {
  /** The permanent id of the workflow in URLs and events; by default its name. */
  @IfGiven()
  @Matches(WORKFLOW_ID, { message: `must be ${WORKFLOW_ID_RULE}` })
  readonly id?: string;

  @Matches(/^(?=.{1,100}$)[a-z0-9]+(-[a-z0-9]+)*$/, {
    message: 'must be kebab-case (a-z, 0-9, single "-" between) of at most 100 characters',
  })
  readonly name!: string;

  @IfGiven()
  @IsString({ message: 'must be a string' })
  @MaxLength(200, { message: 'must have 200 characters at most' })
  readonly displayName?: string;

  @IfGiven()
  @IsString({ message: 'must be a string' })
  @MaxLength(10_000, { message: 'must have 10000 characters at most' })
  readonly description?: string;

  /** Checked by `triggerProblems`. */
  readonly triggers?: Readonly<Partial<Record<TriggerKind, Trigger>>>;

  @IfGiven()
  @ValidateBy(
    { name: 'labels', validator: { validate: isLabels } },
    {
      message:
        `must be an object of at most ${LABELS_MAX} texts of ${LABEL_CHARS_MAX} characters; ` +
        'a name begins with a letter or digit and has 128 of A-Z, a-z, 0-9, ".", "/", "_" and "-" at most',
    },
  )
  readonly labels?: Readonly<Record<string, string>>;
}

function isLabels(value: unknown): boolean {
  if (!isObject(value) || Object.keys(value).length > LABELS_MAX) return false;
  return Object.entries(value).every(
    ([name, text]) =>
      /^[A-Za-z0-9][A-Za-z0-9./_-]{0,127}$/.test(name) &&
      typeof text === 'string' &&
      text.length <= LABEL_CHARS_MAX,
  );
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
