import { isIP } from 'node:net';

// An expression and not `URL`, because a MongoDB URL may have several hosts, which the WHATWG parser refuses.
const MONGO_URL = /^mongodb(?:\+srv)?:\/\/(?:[^@/\s]+@)?[^@/?\s]+\/[^/\\. "$?#\s]{1,63}(?:\?\S*)?$/;

export function isMongoUrl(text: string): boolean {
  return MONGO_URL.test(text);
}

export function isHttpUrl(text: string): boolean {
  const url = parsed(text);
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) return false;
  return url.search === '' && url.hash === '' && url.username === '' && url.password === '';
}

export function isNatsUrl(text: string): boolean {
  const url = parsed(text);
  return url !== undefined && ['nats:', 'tls:'].includes(url.protocol) && url.hostname !== '';
}

/** An IPv4 or IPv6 address, alone or with a prefix length. */
export function isCidr(text: string): boolean {
  const [address = '', prefix, ...rest] = text.split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0) return false;
  if (prefix === undefined) return true;
  return /^\d{1,3}$/.test(prefix) && Number(prefix) <= (version === 4 ? 32 : 128);
}

function parsed(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}
