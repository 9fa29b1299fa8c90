import { type SecretKeys } from '@app/auth';
import { FlowError } from '@app/errors';
import { FORGOTTEN, INSTALLATION, type ScopeCache } from '@app/persistence';
import { type ScopeVersions } from '@app/workflow-engine';

/** Neither the workflow nor the installation has it, or has it any more, at the version that the run goes by. */
export class TaskSecretNotFoundError extends FlowError {
  readonly code = 'TASK_SECRET_NOT_FOUND';
  readonly kind = 'not-found';

  constructor(name: string) {
    super(
      `There is no secret "${name}" of the workflow or the installation, or it was deleted after the run began; ` +
        'store it (docs/secrets.md), and send the event again',
    );
  }
}

/** Gives handlers the secrets that a call refers to, in the version that its run goes by. */
export class TaskSecrets {
  constructor(
    private readonly scopes: Pick<ScopeCache, 'get'>,
    private readonly keys: Pick<SecretKeys, 'decryptTaskSecret'>,
  ) {}

  /**
   * The texts by name. A secret of the workflow comes before one of the installation, also when it was deleted
   * or nobody can tell any more: the installation's may be for another party.
   * @throws TaskSecretNotFoundError, SecretUnreadableError, StoreUnavailableError
   */
  async textsOf(
    names: readonly string[],
    workflowId: string,
    { workflow, installation }: ScopeVersions,
  ): Promise<ReadonlyMap<string, string>> {
    const versions = await Promise.all([
      workflow === undefined ? undefined : this.scopes.get(workflowId, workflow),
      installation === undefined ? undefined : this.scopes.get(INSTALLATION, installation),
    ]);
    const isWorkflowGone = workflow !== undefined && versions[0] === undefined;
    return new Map(
      names.map((name) => {
        if (isWorkflowGone) throw new TaskSecretNotFoundError(name);
        for (const version of versions) {
          const secret = version?.secrets.find((one) => one.name === name);
          if (secret?.encrypted === FORGOTTEN) break;
          if (version && secret) return [name, this.keys.decryptTaskSecret(secret, version.scope)];
        }
        throw new TaskSecretNotFoundError(name);
      }),
    );
  }
}
