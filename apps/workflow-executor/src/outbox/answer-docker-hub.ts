import { isJsonObject, memberOf } from '@app/json';
import { postTo } from '@app/workflow-engine';
import { type AddEntries, type EntryFacts } from './status-entries.js';

/** The kind of entries that answer a delivery of Docker Hub at its `callback_url`. */
export const DOCKER_HUB_ENTRY = 'docker-hub';

/** The longest `callback_url` that is called, in characters. */
const URL_CHARS_MAX = 2_048;

/**
 * Adds an entry for the `callback_url` to the first step of a run that a delivery of Docker Hub began. Only URLs of
 * `hosts` are called, so that a sender of events cannot choose the hosts that the executor calls.
 *
 * https://docs.docker.com/docker-hub/repos/manage/webhooks
 * @param hosts names without ports, in any case; `*` allows every host
 */
export function answerDockerHub(hosts: readonly string[]): AddEntries {
  const allowed = new Set(hosts.map((host) => host.toLowerCase()));
  return ({ state: before, outbox: pending }, step, now, origin) => {
    if (origin.trigger !== 'dockerhub' || before !== undefined) return step;
    const url = callbackUrlOf(origin);
    if (url === undefined || !isAllowed(url, allowed)) return step;
    const draft = { kind: DOCKER_HUB_ENTRY, key: DOCKER_HUB_ENTRY, payload: { url: url.href } };
    return postTo(step, draft, pending, now) ?? step;
  };
}

function callbackUrlOf({ event }: EntryFacts): URL | undefined {
  const { data } = event ?? {};
  const text =
    data?.kind === 'json' && isJsonObject(data.value)
      ? memberOf(data.value, 'callback_url')
      : undefined;
  if (typeof text !== 'string' || text.length > URL_CHARS_MAX) return undefined;
  return URL.canParse(text) ? new URL(text) : undefined;
}

function isAllowed(url: URL, allowed: ReadonlySet<string>): boolean {
  const { protocol, hostname, username, password } = url;
  const isPlain = username === '' && password === '' && /^https?:$/.test(protocol);
  return isPlain && (allowed.has('*') || allowed.has(hostname));
}
