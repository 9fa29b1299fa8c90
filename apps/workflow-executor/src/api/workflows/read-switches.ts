import { type Problem } from '@app/errors';
import { DEFAULT_FILTER_LIMITS, type FilterLimits } from '@app/filters';
import { BodyInvalidError } from '@app/http';
import { isJsonObject, type JsonObject, type JsonValue } from '@app/json';
import { type WorkflowSwitches } from '@app/persistence';
import { oneOf, unknownMembers } from '../member-problems.js';
import { readRetention } from './retention.js';
import { triggerProblems } from './triggers.js';

/**
 * Reads a partial change of a workflow: `{ status?, triggers?, retention? }`. A trigger that is not named stays as it
 * is, and so does the filter of a named trigger without `filter`; `"filter": null` removes it. `retention` is replaced
 * as a whole; null removes it. `inactive` refuses every event.
 * @throws BodyInvalidError with everything that is wrong
 */
export function readSwitches(
  body: unknown,
  filters: FilterLimits = DEFAULT_FILTER_LIMITS,
): WorkflowSwitches {
  // What a body has is JSON.
  const given = body as JsonValue | undefined;
  if (!isJsonObject(given))
    throw new BodyInvalidError(
      'The body is a JSON object with "status", "triggers" or "retention"',
    );
  const { status, triggers, retention: written, ...unknown } = given;
  const { retention = null, problems: retentionProblems } = readRetention(written ?? undefined);
  const problems: readonly Problem[] = [
    ...(status === undefined ? [] : oneOf('status', status, STATUSES)),
    ...triggerProblems(triggers, filters, { without: null }),
    ...retentionProblems,
    ...unknownMembers(unknown, MEMBERS),
  ];
  if (problems.length > 0)
    throw new BodyInvalidError('The request has members that are not valid', problems);
  return {
    ...withoutUndefined({ status, triggers }),
    ...(written !== undefined && { retention }),
  };
}

/** The status of a workflow; `retired` tells its senders to stop for good. */
const STATUSES: readonly string[] = ['active', 'inactive', 'retired'];
const MEMBERS = ['status', 'triggers', 'retention'];

function withoutUndefined(members: Readonly<Record<string, JsonValue | undefined>>): JsonObject {
  const entries = Object.entries(members);
  return Object.fromEntries(
    entries.filter((entry): entry is [string, JsonValue] => entry[1] !== undefined),
  );
}
