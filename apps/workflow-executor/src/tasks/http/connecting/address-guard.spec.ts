import { AddressGuard } from './address-guard.js';
import { AddressRefusedError } from '../errors.js';

describe(AddressGuard.name, () => {
  const guard = new AddressGuard([]);

  it.each([
    '93.184.216.34',
    '1.1.1.1',
    '172.32.0.1',
    '2606:4700::1111',
    '2000::1',
    '2001:200::1',
    '3ffe::1',
    '::ffff:1.1.1.1',
  ])('permits the public address %s', (address) => {
    expect(guard.permits(address)).toBe(true);
  });

  it.each([
    '127.0.0.1',
    '127.255.255.254',
    '0.0.0.0',
    '10.1.2.3',
    '172.16.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::1',
    '::',
    'fe80::1',
    'fd00::1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '::FFFF:10.0.0.1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
  ])('refuses %s, which is not public', (address) => {
    expect(guard.permits(address)).toBe(false);
  });

  it.each([
    ['0.0.0.0', '0.255.255.255'],
    ['10.0.0.0', '10.255.255.255'],
    ['100.64.0.0', '100.127.255.255'],
    ['127.0.0.0', '127.255.255.255'],
    ['169.254.0.0', '169.254.255.255'],
    ['172.16.0.0', '172.31.255.255'],
    ['192.0.0.0', '192.0.0.255'],
    ['192.0.2.0', '192.0.2.255'],
    ['192.88.99.0', '192.88.99.255'],
    ['192.168.0.0', '192.168.255.255'],
    ['198.18.0.0', '198.19.255.255'],
    ['198.51.100.0', '198.51.100.255'],
    ['203.0.113.0', '203.0.113.255'],
    ['224.0.0.0', '239.255.255.255'],
    ['240.0.0.0', '255.255.255.255'],
    ['::', '::ffff:ffff'],
    ['::127.0.0.1', '::1.1.1.1'],
    ['64:ff9b::', '64:ff9b::ffff:ffff'],
    ['64:ff9b:1::', '64:ff9b:1:ffff:ffff:ffff:ffff:ffff'],
    ['100::', '100::ffff:ffff:ffff:ffff'],
    ['2001::', '2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff'],
    ['2001:db8::', '2001:db8:ffff:ffff:ffff:ffff:ffff:ffff'],
    ['2002::', '2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
    ['3fff::', '3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff'],
    ['4000::', '5eff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
    ['5f00::', '5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
    ['fc00::', 'fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
    ['fe80::', 'febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
    ['fec0::', 'feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
    ['ff00::', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ])('refuses a network that is not public as a whole: %s to %s', (first, last) => {
    expect([guard.permits(first), guard.permits(last)]).toEqual([false, false]);
  });

  it('permits the allowed networks, and nothing else', () => {
    const opened = new AddressGuard(['127.0.0.0/8', '10.0.0.5', 'fd00::/8']);

    expect(['127.0.0.1', '10.0.0.5', 'fd12::1'].every((each) => opened.permits(each))).toBe(true);
    expect(['10.0.0.6', '192.168.0.1', '::1'].some((each) => opened.permits(each))).toBe(false);
  });

  it.each(['127.0.0.1', '[::1]', '[::ffff:127.0.0.1]'])('refuses the host %s of a URL', (host) => {
    expect(() => {
      guard.checkHost(host);
    }).toThrow(AddressRefusedError);
  });

  it.each(['http://2130706433/', 'http://0x7f.1/', 'http://127.1/', 'http://0177.0.0.1/'])(
    'recognizes other spellings: %s',
    (url) => {
      expect(() => {
        guard.checkHost(new URL(url).hostname);
      }).toThrow(AddressRefusedError);
    },
  );

  it('refuses a name that resolves to an address that is not public', async () => {
    const error = await new Promise((resolve) => {
      guard.lookup('localhost', {}, resolve);
    });

    expect(error).toBeInstanceOf(AddressRefusedError);
  });

  it('refuses a name as soon as one of its addresses is not public, whichever it is', async () => {
    const addresses = ['93.184.216.34', '10.0.0.1'].map((address) => ({ address, family: 4 }));
    const mixed = new AddressGuard([], (_name, _options, callback) => {
      callback(null, addresses);
    });

    const error = await new Promise((resolve) => {
      mixed.lookup('mixed.example', { all: true }, resolve);
    });

    expect(error).toBeInstanceOf(AddressRefusedError);
  });

  it('passes on that a name does not resolve', async () => {
    const error = await new Promise((resolve) => {
      guard.lookup('does-not-exist.invalid', {}, resolve);
    });

    expect(error).toHaveProperty('syscall', 'getaddrinfo');
  });
});
