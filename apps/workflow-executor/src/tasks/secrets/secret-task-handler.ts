import { FlowError } from '@app/errors';
import { failed, impossible } from '../http/broken-call.js';
import { type TaskCall, TaskHandler, type TaskOutcome } from '../task-handler.js';
import { maskOf } from './mask.js';
import { putSecrets, secretNamesIn } from './put-secrets.js';
import { type TaskSecrets } from './task-secrets.js';

/** While the store can't be asked for them. */
const STORE_AWAY_MS = 1_000;

/**
 * Puts secrets into a call just before another handler makes it, and takes them out of what it comes to. This is
 * the one place where their texts are: neither the state of a run nor its effects have them.
 */
export class SecretTaskHandler extends TaskHandler<'http'> {
  constructor(
    private readonly inner: TaskHandler<'http'>,
    private readonly secrets: Pick<TaskSecrets, 'textsOf'>,
  ) {
    super();
  }

  override async run(call: TaskCall<'http'>): Promise<TaskOutcome> {
    const { effect, workflowId, scope } = call;
    const { versions = {}, secretNonce: nonce, secretParams = new Map<string, string>() } = scope;
    const names = nonce === undefined ? [] : secretNamesIn(effect.params, nonce);
    if (nonce === undefined || names.length + secretParams.size === 0) return this.inner.run(call);
    let texts: ReadonlyMap<string, string>;
    try {
      const stored = names.filter((name) => !secretParams.has(name));
      const found =
        stored.length === 0 ? [] : await this.secrets.textsOf(stored, workflowId, versions);
      texts = new Map([...found, ...secretParams]);
    } catch (error) {
      return withoutSecret(error);
    }
    // The answer to a call without a secret may have a secret parameter that an earlier call has sent.
    const put =
      names.length === 0
        ? ({ kind: 'call', params: effect.params } as const)
        : putSecrets(effect.params, nonce, texts);
    if (put.kind === 'impossible') return impossible(put.why);
    const mask = maskOf(texts.values());
    try {
      const { params } = put;
      return mask.outcome(await this.inner.run({ ...call, effect: { ...effect, params } }));
    } catch (error) {
      const message = `The handler of "${effect.type}" tasks broke: ${mask.text(String(error))}`;
      return { ...failed('TASK_CRASHED', message, false, false) };
    }
  }
}

/** A key that is not here yet, or a store that is away, can come; a secret that was deleted can't. */
function withoutSecret(error: unknown): TaskOutcome {
  if (!(error instanceof FlowError)) throw error;
  if (error.code === 'STORE_UNAVAILABLE') return { kind: 'postponed', delayMs: STORE_AWAY_MS };
  return failed(error.code, error.message, error.kind === 'transient');
}
