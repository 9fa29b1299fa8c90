/** Names as nearly all senders write them; proxies drop others. */
const NAME = /^[a-z0-9-]+$/;

/**
 * Parts of names of headers that hold credentials, or what only shows that a body is the sender's: its
 * bytes are not kept, so nobody could check it later.
 */
const SECRET_PARTS = [
  'auth',
  'token',
  'secret',
  'password',
  'passwd',
  'cookie',
  'session',
  'credential',
  'signature',
  'hmac',
  'jwt',
  'assertion',
  'api-key',
  'apikey',
  'access-key',
  'client-cert',
  'principal',
];

/** Who asked, by which way, and for which URL, which may hold the token. */
const OF_PROXIES = ['x-forwarded', 'proxy-', 'x-original-', 'x-rewrite-', 'x-envoy-', 'cf-'];
const ADDRESS = /(^|-)(ip|addr|address|peer|uri|url)$/;

/** Of one connection (RFC 9110, section 7.6.1) or of how the body was sent; and URLs. */
const OF_THE_TRANSFER: ReadonlySet<string> = new Set([
  'connection',
  'content-encoding',
  'content-length',
  'expect',
  'forwarded',
  'host',
  'http2-settings',
  'keep-alive',
  'referer',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'via',
]);

/** Whether a header may become a parameter of a run, be stored and shown. @param name in lower case */
export function isPassedHeader(name: string): boolean {
  return (
    NAME.test(name) &&
    !OF_THE_TRANSFER.has(name) &&
    !ADDRESS.test(name) &&
    !OF_PROXIES.some((beginning) => name.startsWith(beginning)) &&
    !SECRET_PARTS.some((part) => name.includes(part))
  );
}
