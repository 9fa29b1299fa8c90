/**
 * The subjects on which workflows may publish: the allowed ones and `<namespace>.out.>`, which no stream or service
 * of this product uses. The server's own (`$JS`, `$SYS`), inboxes (`_INBOX`) and all others of this installation are
 * forbidden, whatever is allowed.
 */
export class OutsideSubjects {
  readonly #allowed: readonly string[];

  /** @param allowed subjects and patterns of NATS (`orders.*.paid`, `audit.>`) */
  constructor(
    private readonly namespace: string,
    allowed: readonly string[],
  ) {
    this.#allowed = [outsideWildcard(namespace), ...allowed];
  }

  /** Completes 'the subject "x" ...'; undefined when it may be used. */
  problem(subject: string): string | undefined {
    if (/^[$_]/.test(subject)) return 'belongs to NATS itself';
    const isOurs = `${subject}.`.startsWith(`${this.namespace}.`);
    if (isOurs && !matches(outsideWildcard(this.namespace), subject)) {
      return `belongs to Flow Eventing itself; use "${outsideWildcard(this.namespace)}"`;
    }
    return this.#allowed.some((pattern) => matches(pattern, subject))
      ? undefined
      : `is none of those on which workflows may publish: ${this.#allowed.join(', ')}`;
  }
}

/** The subjects on which workflows may always publish: `flow.out.>`. */
function outsideWildcard(namespace: string): string {
  return `${namespace}.out.>`;
}

function matches(pattern: string, subject: string): boolean {
  const [wanted, given] = [pattern.split('.'), subject.split('.')];
  for (const [at, token] of wanted.entries()) {
    if (token === '>') return given.length > at;
    if (given[at] === undefined || (token !== '*' && token !== given[at])) return false;
  }
  return wanted.length === given.length;
}
