import { WorkflowChangedError } from '@app/persistence';
import { EtagInvalidError, EtagMissingError } from '../errors.js';

/** The ETag of a workflow: RFC 9110, section 8.8.3. It changes with the workflow and with its tokens. */
export function etagOf({ lockVersion }: { readonly lockVersion: number }): string {
  return `"${lockVersion}"`;
}

/** A version, also without the quotes that a shell removes easily. */
const VERSION = /^(?:"(\d{1,15})"|(\d{1,15}))$/;
/** A strong entity tag, of us or of somebody else. */
const STRONG = /^"[^"]*"$/;

/**
 * The version that `If-Match` names (RFC 9110, section 13.1.1); undefined where any version will do: without the
 * header, or with `*`. Of several tags the one that the workflow has would count. Versions only grow here, so the
 * latest one that is named is taken.
 * @throws WorkflowChangedError when it names no version that a workflow of ours can have
 * @throws EtagInvalidError when it has a tag that can match nothing
 */
export function versionIn(ifMatch: string | undefined, workflowId: string): number | undefined {
  if (ifMatch === undefined || ifMatch.trim() === '*') return undefined;
  const tags = ifMatch.split(',').map((tag) => tag.trim());
  const versions = tags.flatMap((tag) => {
    const [, quoted, plain] = VERSION.exec(tag) ?? [];
    return quoted ?? plain ?? [];
  });
  if (versions.length > 0) return Math.max(...versions.map(Number));
  throw tags.every((tag) => STRONG.test(tag))
    ? new WorkflowChangedError(workflowId)
    : new EtagInvalidError();
}

/** The same for a required `If-Match`: a caller can replace only the version that it has read. */
export function requiredVersionIn(
  ifMatch: string | undefined,
  workflowId: string,
): number | undefined {
  if (ifMatch === undefined || ifMatch.trim() === '') throw new EtagMissingError();
  return versionIn(ifMatch, workflowId);
}
