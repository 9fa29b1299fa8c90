import { type LookupAddress, type LookupAllOptions, lookup as systemLookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { AddressRefusedError } from '../errors.js';

/** The networks with public addresses. Of IPv6 only the assigned global unicast addresses (RFC 4291). */
const GLOBAL_NETWORKS = ['0.0.0.0/0', '2000::/3'];

/**
 * The networks in there that are not public: multicast, and IANA's special-purpose registries without the few networks
 * that are reachable for everybody and lead nowhere else (AS112, AMT).
 */
const SPECIAL_NETWORKS = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
  '3fff::/20',
];

/** All addresses of a name, as `dns.lookup` gives them. */
export type Resolve = (
  hostname: string,
  options: LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/**
 * Prevents tasks from reaching addresses that only this machine or its network can reach (SSRF). The guard checks
 * addresses, not names, at the moment of connecting, so a name that resolves differently the second time does not help.
 */
export class AddressGuard {
  readonly #global = blockListOf(GLOBAL_NETWORKS);
  readonly #special = blockListOf(SPECIAL_NETWORKS);
  readonly #allowed: BlockList;
  #publicOnly: AddressGuard | undefined;

  /** @param allowedNetworks addresses and CIDR ranges that may be reached although they are not public */
  constructor(
    allowedNetworks: readonly string[],
    private readonly resolve: Resolve = systemLookup,
  ) {
    this.#allowed = blockListOf(allowedNetworks);
  }

  /**
   * The guard for the target of a redirect from `address`. A redirect from a public address may lead only to public ones:
   * the allowed networks are for authors of workflows, not for the targets that they call.
   */
  after(address: string | undefined): AddressGuard {
    const publicOnly = (this.#publicOnly ??= new AddressGuard([], this.resolve));
    return address === undefined || publicOnly.permits(address) ? publicOnly : this;
  }

  permits(address: string): boolean {
    const plain = address.toLowerCase().startsWith('::ffff:') ? unmapped(address) : address;
    const family = isIP(plain) === 6 ? 'ipv6' : 'ipv4';
    if (this.#allowed.check(plain, family)) return true;
    return this.#global.check(plain, family) && !this.#special.check(plain, family);
  }

  /** @throws AddressRefusedError when the URL's host is a literal address that is not permitted */
  checkHost(hostname: string): void {
    const bare = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
    if (isIP(bare) !== 0 && !this.permits(bare)) throw new AddressRefusedError(bare);
  }

  /** For `net.connect`: resolves like the system does and refuses if any address is not permitted. */
  readonly lookup: LookupFunction = (hostname, options, callback) => {
    this.resolve(hostname, { ...options, all: true }, (error, addresses) => {
      const first = error ? undefined : addresses[0];
      if (!first) {
        callback(error ?? new AddressRefusedError(hostname), '', 0);
        return;
      }
      const refused = addresses.find(({ address }) => !this.permits(address));
      if (refused) callback(new AddressRefusedError(refused.address), '', 0);
      else if (options.all) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}

function blockListOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', prefix] = network.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (prefix === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(prefix), family);
  }
  return list;
}

/** The IPv4 address in an IPv4-mapped IPv6 address: `::ffff:127.0.0.1` and `::ffff:7f00:1` are both 127.0.0.1. */
function unmapped(address: string): string {
  const tail = address.slice('::ffff:'.length);
  if (isIP(tail) === 4) return tail;
  const [high = '0', low = '0'] = tail.split(':');
  const bits = (Number.parseInt(high, 16) << 16) | Number.parseInt(low, 16);
  return [bits >>> 24, (bits >>> 16) & 255, (bits >>> 8) & 255, bits & 255].join('.');
}
