import { hopsOf } from '@app/events';
import { randomBytes } from 'node:crypto';
import { INSTALLATION, type NewActivity, type ScopeCache } from '@app/persistence';
import {
  type ActivityState,
  type Failure,
  type Plan,
  type RunScope,
  type ScopeVersions,
  workflowFailure,
} from '@app/workflow-engine';
import { type EventRoots, rootOf } from '../../tasks/event/event-roots.js';
import { withoutSecretParams } from '../../tasks/secrets/secret-params.js';
import { paramPlacesOf, paramsOf } from './event-params.js';

const NONCE_BYTES = 16;

/**
 * Makes the scope in which the `$(...)` of a run are looked up: its event, its workflow's revision, the installation's
 * parameters, and the secrets. A run keeps the versions of all of them that it began with.
 */
export class RunScopes {
  constructor(
    private readonly scopes: Pick<ScopeCache, 'latest' | 'get'>,
    private readonly roots: Pick<EventRoots, 'rootIn'>,
  ) {}

  /**
   * @param state the state of a run that has begun
   * @throws StoreUnavailableError
   */
  async scopeOf(
    origin: NewActivity,
    plan: Plan | undefined,
    state?: ActivityState,
  ): Promise<RunScope | Failure> {
    const root = rootOf(origin, this.roots);
    const scope = { ...ofOrigin(origin, plan), ...(root !== undefined && { root }) };
    if (!plan) return scope;
    const { uses, secretParams } = plan;
    const secretNonce = (uses.secrets || secretParams.size > 0) && {
      secretNonce: randomBytes(NONCE_BYTES).toString('hex'),
    };
    if (!uses.parameters && !uses.secrets) {
      // A build before this one may have pinned versions that the run does not need. The scope has to be that of its state.
      const pinned = state?.scope && { versions: state.scope };
      return { ...scope, ...secretNonce, ...pinned };
    }
    const versions = state ? state.scope : await this.#latest(origin.workflowId, plan);
    if (!versions) return { ...scope, ...secretNonce };
    const { installation } = versions;
    if (installation === undefined) return { ...scope, ...secretNonce, versions };
    const found = await this.scopes.get(INSTALLATION, installation);
    if (!found) {
      const what = `version ${installation} of the installation's parameters is not kept any more`;
      return workflowFailure('SCOPE_VERSION_GONE', `The run can't go on: ${what}`);
    }
    return { ...scope, ...secretNonce, versions, global: found.parameters };
  }

  /** The latest versions; undefined if there are no parameters and secrets: any build can then continue the run. */
  async #latest(workflowId: string, { uses }: Plan): Promise<ScopeVersions | undefined> {
    const [installation, workflow] = uses.secrets
      ? await Promise.all([this.scopes.latest(INSTALLATION), this.scopes.latest(workflowId)])
      : [await this.scopes.latest(INSTALLATION)];
    if (!installation && !workflow) return undefined;
    return {
      ...(installation && { installation: installation.version }),
      ...(workflow && { workflow: workflow.version }),
    };
  }
}

function ofOrigin(origin: NewActivity, plan: Plan | undefined): RunScope {
  const { id, workflowId, workflowRevision, trigger, event, request, retryOf } = origin;
  const names = plan?.secretParams ?? [];
  const { params, texts } = withoutSecretParams(paramsOf(origin), names, () =>
    paramPlacesOf(origin),
  );
  const hops = hopsOf(event, request);
  return {
    event: { params },
    ...(texts.size > 0 && { secretParams: texts }),
    context: {
      'workflowrun-ref': id,
      'workflowrun-trigger': trigger,
      'workflow-ref': workflowId,
      'workflow-version': workflowRevision,
    },
    ...(hops > 0 && { hops }),
    ...(retryOf?.keysOf !== undefined && { keysOf: retryOf.keysOf }),
  };
}
