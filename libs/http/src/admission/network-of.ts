const MAPPED_IPV4 = '::ffff:';

/**
 * What counts as one sender: an IPv4 address, or the /64 network of an IPv6 address, because a
 * single customer is given 2^64 of those.
 */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address;
  if (address.startsWith(MAPPED_IPV4) && address.includes('.')) {
    return address.slice(MAPPED_IPV4.length);
  }
  const [head = '', tail] = address.split('::', 2);
  const first = head === '' ? [] : head.split(':');
  const last = tail === undefined || tail === '' ? [] : tail.split(':');
  const gap = tail === undefined ? 0 : Math.max(0, 8 - first.length - last.length);
  const groups = [...first, ...Array.from({ length: gap }, () => '0'), ...last];
  return groups.slice(0, 4).join(':');
}
