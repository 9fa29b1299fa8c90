/** How a dependency is at this moment, as far as this process can tell. */
export interface DependencyState {
  readonly state: 'up' | 'down';
  /** Since when, in milliseconds since 1970. */
  readonly since: number;
  /** For an operator; no addresses with credentials. */
  readonly detail?: string;
}

export interface CheckedDependency {
  readonly name: string;
  /** What the process can't do without it, if anything. */
  readonly need?: string;
  readonly state: DependencyState;
}

/** The body of `GET /health/ready`. */
export interface Readiness {
  /** `degraded`: ready, although something is gone. Only the last two are not ready. */
  readonly status: 'ready' | 'degraded' | 'unavailable' | 'stopping';
  /** The needs that nothing meets. */
  readonly unmet: readonly string[];
  readonly dependencies: readonly {
    readonly name: string;
    readonly status: 'up' | 'down';
    /** ISO 8601. */
    readonly since: string;
    readonly detail?: string;
  }[];
}

/**
 * Whether a process may be sent work. A need is met when *one* of the dependencies that name it is
 * up: so a listener that can record in MongoDB or in JetStream gives both the need `recording`.
 */
export function readinessOf(checked: readonly CheckedDependency[], stopping: boolean): Readiness {
  const unmet = unmetNeeds(checked);
  const anyDown = checked.some(({ state }) => state.state === 'down');
  return {
    status: statusOf(stopping, unmet.length > 0, anyDown),
    unmet,
    dependencies: checked.map(({ name, state }) => ({
      name,
      status: state.state,
      since: new Date(state.since).toISOString(),
      ...(state.detail !== undefined && { detail: state.detail }),
    })),
  };
}

export function isReady({ status }: Readiness): boolean {
  return status === 'ready' || status === 'degraded';
}

function unmetNeeds(checked: readonly CheckedDependency[]): readonly string[] {
  const met = new Map<string, boolean>();
  for (const { need, state } of checked) {
    if (need !== undefined) met.set(need, met.get(need) === true || state.state === 'up');
  }
  return Array.from(met).flatMap(([need, isMet]) => (isMet ? [] : [need]));
}

function statusOf(stopping: boolean, anyUnmet: boolean, anyDown: boolean): Readiness['status'] {
  if (stopping) return 'stopping';
  if (anyUnmet) return 'unavailable';
  return anyDown ? 'degraded' : 'ready';
}
