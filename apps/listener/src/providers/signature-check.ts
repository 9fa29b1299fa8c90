import { type SecretKeys } from '@app/auth';
import { type Headers } from '@app/events';
import { type Workflow, type WorkflowSecret } from '@app/persistence';
import {
  type OpenSecret,
  type SignatureOptions,
  type WebhookProvider,
} from './webhook-provider.js';

/** The secret for the extra checks if a workflow has fewer secrets than `CHECKS_MIN`. */
const NOBODYS_SECRET: OpenSecret = { text: 'whsec_bm9ib2R5cyBzZWNyZXQ=', options: {} };

/**
 * The least number of signatures to compute, so that the time is the same for an unknown workflow, one without a secret,
 * and one whose secret is being replaced.
 */
const CHECKS_MIN = 2;

export interface SignedBody {
  readonly bytes: Uint8Array;
  readonly headers: Headers;
}

export interface SignatureSettings {
  readonly keys: SecretKeys;
  readonly clock: () => number;
  readonly ageMsMax: number;
}

/** Checks signatures with all secrets that a workflow has for a provider. A match with any of them is enough. */
export class SignatureCheck {
  /** Decrypted secrets by the object in the workflow cache, so that they are dropped together with it. */
  readonly #opened = new WeakMap<WorkflowSecret, OpenSecret>();

  constructor(private readonly settings: SignatureSettings) {}

  isRequired(workflow: Workflow, provider: WebhookProvider): boolean {
    return provider.verify !== undefined && this.#liveOf(workflow, provider).length > 0;
  }

  /**
   * The options of the secret that the delivery was signed with; undefined if no secret matches.
   * @throws SecretUnreadableError
   */
  signedWith(
    workflow: Workflow | undefined,
    provider: WebhookProvider,
    { bytes, headers }: SignedBody,
  ): SignatureOptions | undefined {
    const secrets = workflow ? this.#liveOf(workflow, provider) : [];
    const opened = secrets.map((secret) => this.#open(secret, workflow?.id ?? ''));
    const { clock, ageMsMax } = this.settings;
    let signedWith: SignatureOptions | undefined;
    for (let at = 0; at < Math.max(opened.length, CHECKS_MIN); at += 1) {
      const secret = opened[at] ?? NOBODYS_SECRET;
      const delivery = { bytes, headers, secret, now: clock(), ageMsMax };
      const isRight = provider.verify?.(delivery) === true && secret !== NOBODYS_SECRET;
      if (isRight) signedWith = secret.options;
    }
    return signedWith;
  }

  #liveOf({ secrets = [] }: Workflow, { name }: WebhookProvider): readonly WorkflowSecret[] {
    const now = this.settings.clock();
    return secrets.filter(
      ({ provider, expiresAt }) =>
        provider === name && (expiresAt === undefined || now < expiresAt),
    );
  }

  #open(secret: WorkflowSecret, workflowId: string): OpenSecret {
    const known = this.#opened.get(secret);
    if (known) return known;
    const text = this.settings.keys.decrypt(secret, workflowId);
    const opened = { text, options: secret.options ?? {} };
    this.#opened.set(secret, opened);
    return opened;
  }
}
