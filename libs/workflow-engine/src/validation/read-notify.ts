import { NOTIFY_MAX, NOTIFY_URL_CHARS_MAX } from '../bounds.js';
import { NOTIFY_ENDS, type NotifyTarget } from '../definition/definition.js';
import { isSecretName } from '../parameters/reference.js';
import { Members } from './members.js';
import { type ProblemList } from './problem-list.js';

/** The webhooks of an untrusted definition that get the end of a run; undefined if it has no `notify`. */
export function readNotify(
  members: Members,
  problems: ProblemList,
): readonly NotifyTarget[] | undefined {
  if (members.value('notify') === undefined) return undefined;
  return members
    .list('notify', NOTIFY_MAX)
    .map((target, at) => readTarget(target, `notify[${at}]`, problems));
}

function readTarget(input: unknown, path: string, problems: ProblemList): NotifyTarget {
  const members = new Members(input, path, ['url', 'secret', 'on'], problems);
  members.require('url');
  const url = members.text('url', NOTIFY_URL_CHARS_MAX) ?? '';
  if (!/^https?:\/\/[^\s/?#@]+(?:[/?#]\S*)?$/i.test(url) || url.includes('$(')) {
    members.reject('url', 'must be an http:// or https:// URL without credentials and references');
  }
  const secret = members.value('secret') === undefined ? undefined : members.text('secret', 64);
  if (secret !== undefined && !isSecretName(secret)) {
    members.reject(
      'secret',
      'must be the name of a secret (docs/secrets.md), and not the secret itself',
    );
  }
  const on = members.value('on') === undefined ? undefined : members.list('on', NOTIFY_ENDS.length);
  const ends = NOTIFY_ENDS.filter((end) => on?.includes(end));
  if (on !== undefined && (on.length === 0 || ends.length !== on.length)) {
    const unknown = on.find((end) => !NOTIFY_ENDS.some((known) => known === end));
    const detail = `must be some of ${NOTIFY_ENDS.join(', ')}, each once`;
    members.rejectUnknown('on', detail, unknown, NOTIFY_ENDS);
  }
  return {
    url,
    ...(secret !== undefined && { secret }),
    ...(on !== undefined && { on: ends }),
  };
}
