/** The state of a dependency, as far as this process knows. */
export interface DependencyState {
  readonly state: 'up' | 'down';
  /** Since when, in milliseconds since 1970. */
  readonly since: number;
  /** For an operator; no addresses with credentials. */
  readonly detail?: string;
}

export interface CheckedDependency {
  readonly name: string;
  /** The need that it meets, if any: what the process can't do without it. */
  readonly need?: string;
  readonly state: DependencyState;
}

/** The phases of a process. It may be sent work only while it runs. */
export type Phase = 'starting' | 'running' | 'stopping';

/** The body of `GET /health/ready`. */
export interface Readiness {
  /** `degraded`: ready, although a dependency is gone. Only `ready` and `degraded` are ready. */
  readonly status: 'ready' | 'degraded' | 'unavailable' | Exclude<Phase, 'running'>;
  /** The needs that no dependency meets. */
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
export function readinessOf(checked: readonly CheckedDependency[], phase: Phase): Readiness {
  const unmet = unmetNeeds(checked);
  const anyDown = checked.some(({ state }) => state.state === 'down');
  return {
    status: statusOf(phase, unmet.length > 0, anyDown),
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

function statusOf(phase: Phase, anyUnmet: boolean, anyDown: boolean): Readiness['status'] {
  if (phase !== 'running') return phase;
  if (anyUnmet) return 'unavailable';
  return anyDown ? 'degraded' : 'ready';
}
