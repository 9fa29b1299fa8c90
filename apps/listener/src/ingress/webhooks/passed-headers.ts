/** The characters that header names have in practice; proxies drop other names. */
const NAME = /^[a-z0-9-]+$/;

/**
 * Parts of the names of headers that hold credentials or signatures. A signature can't be checked later, because the
 * bytes of the body are not kept.
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

/** Prefixes of headers that proxies add. They may hold addresses, and the URL with the token. */
const OF_PROXIES = ['x-forwarded', 'proxy-', 'x-original-', 'x-rewrite-', 'x-envoy-', 'cf-'];
const ADDRESS = /(^|-)(ip|addr|address|peer|uri|url)$/;

/** Headers of one connection (RFC 9110, section 7.6.1), of the transfer of the body, and with URLs. */
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

/** Whether a header may become a parameter of a run, which is stored and shown. @param name in lower case */
export function isPassedHeader(name: string): boolean {
  return (
    NAME.test(name) &&
    !OF_THE_TRANSFER.has(name) &&
    !ADDRESS.test(name) &&
    !OF_PROXIES.some((beginning) => name.startsWith(beginning)) &&
    !SECRET_PARTS.some((part) => name.includes(part))
  );
}
