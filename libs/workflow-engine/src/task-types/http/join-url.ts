import { textOf } from '../../json.js';
import { type FoundPart, type JoinedText, type TextPart } from '../../parameters/text-part.js';
import { encodeComponent } from './url-encoding.js';

const HOST_AND_PORT = /^(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i;
const PART_OF_LABEL = /^[a-z0-9_-]*$/i;

/**
 * Puts a URL together in which no value can become syntax: what a reference brings is
 * percent-encoded as one component (a path segment, a name or value of the query).
 *
 * Taken as they are: a reference at the very beginning, which is the base of the URL and would mean
 * nothing encoded; `$(url:...)`, by which the author says that the value is a part of a URL; and,
 * where the host stands, a name or address with its port.
 */
export function joinUrl(parts: readonly TextPart[]): JoinedText {
  let url = '';
  const components: { readonly part: FoundPart; readonly start: number; readonly end: number }[] =
    [];
  for (const part of parts) {
    if (typeof part === 'string') {
      url += part;
      continue;
    }
    const text = textOf(part.value);
    if (url === '' || part.reference.asUrl === true) url += text;
    else if (!isInAuthority(url)) {
      const start = url.length;
      url += encodeComponent(text);
      components.push({ part, start, end: url.length });
    } else if (/[\w-]$/.test(url) && !PART_OF_LABEL.test(text)) {
      return invalid(part, 'stands within the name of a host and would change it');
    } else url += HOST_AND_PORT.test(text) ? text : encodeComponent(text);
  }
  const dotted = components.find(({ start, end }) => isDotSegment(url, start, end));
  if (dotted) return invalid(dotted.part, 'would be the path segment "." or ".."');
  return { kind: 'text', text: url };
}

function invalid({ reference }: FoundPart, detail: string): JoinedText {
  const mend = 'write $(url:...) if it is meant to be a part of the URL as it is';
  return { kind: 'invalid', reference, detail: `${detail}; ${mend}` };
}

/** Whether what comes next belongs to the user, the host or the port (RFC 3986, section 3.2). */
function isInAuthority(url: string): boolean {
  const scheme = url.indexOf('://');
  return scheme !== -1 && !/[/?#\\]/.test(url.slice(scheme + 3));
}

/** Such a segment takes others away when the URL is parsed, however its dots are written. */
function isDotSegment(url: string, start: number, end: number): boolean {
  if (/[?#]/.test(url.slice(0, start))) return false;
  const before = Math.max(url.lastIndexOf('/', start - 1), url.lastIndexOf('\\', start - 1));
  const length = url.slice(end).search(/[/?#\\]/);
  const segment = url.slice(before + 1, length === -1 ? undefined : end + length);
  return /^\.{1,2}$/.test(segment.replace(/%2e/gi, '.'));
}
