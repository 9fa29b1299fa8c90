import { waitFor } from '../../tools/project/wait-for.mjs';
import { operationsUrl } from '../../tools/start/app-process.mjs';
import { type Answer, ask } from './answer.js';

/** A dependency as an app's `/health/ready` shows it. */
export interface ReportedDependency {
  readonly name: string;
  readonly status: 'up' | 'down';
  readonly since: string;
}

/** Waits until an app reports this of a dependency. Returns that answer. */
export function untilReported(
  appUrl: string,
  name: 'mongodb' | 'nats',
  status: ReportedDependency['status'],
): Promise<Answer> {
  return waitFor(`${appUrl} to report ${name} ${status}`, async () => {
    const answer = await ask(`${operationsUrl(appUrl)}/health/ready`);
    return reportedIn(answer, name)?.status === status ? answer : undefined;
  });
}

export function reportedIn({ body }: Answer, name: string): ReportedDependency | undefined {
  const { dependencies } = body as { readonly dependencies: readonly ReportedDependency[] };
  return dependencies.find((dependency) => dependency.name === name);
}
