import { isIPv4 } from 'node:net';
import { createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';

/** What a certificate of a test says. */
export interface CertificateFacts {
  /** Of hosts, or their IPv4 addresses. */
  readonly names: readonly string[];
  readonly notBefore: Date;
  readonly notAfter: Date;
}

export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

interface Issuer {
  readonly name: string;
  readonly key: KeyObject;
}

const SIGNED_WITH_ECDSA_SHA256 = sequence(oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02));
const COMMON_NAME = oid(0x55, 0x04, 0x03);
const BASIC_CONSTRAINTS = oid(0x55, 0x1d, 0x13);
const ALTERNATIVE_NAMES = oid(0x55, 0x1d, 0x11);
const VERSION_3 = tlv(0xa0, tlv(0x02, Buffer.from([2])));

let serial = 0;

/** An authority that signs certificates for tests (RFC 5280, in as few fields as TLS needs). */
export class TestAuthority {
  readonly #issuer: Issuer = { name: `tests ${(serial += 1)}`, key: newKey() };
  /** Its own certificate, to be trusted. */
  readonly cert = certificateOf(
    { ...this.#issuer, names: [this.#issuer.name], isAuthority: true, ...always() },
    this.#issuer,
  );

  issue(facts: Partial<CertificateFacts> = {}): Certificate {
    const key = newKey();
    const subject = { names: ['localhost'], ...always(), ...facts };
    const cert = certificateOf({ ...subject, name: subject.names.join(' '), key }, this.#issuer);
    return { cert, key: key.export({ type: 'pkcs8', format: 'pem' }).toString() };
  }
}

function always(): Pick<CertificateFacts, 'notBefore' | 'notAfter'> {
  return { notBefore: new Date('2020-01-01'), notAfter: new Date('2049-01-01') };
}

function newKey(): KeyObject {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
}

function certificateOf(
  subject: Issuer & CertificateFacts & { readonly isAuthority?: boolean },
  issuer: Issuer,
): string {
  serial += 1;
  const content = sequence(
    VERSION_3,
    tlv(0x02, Buffer.from([serial])),
    SIGNED_WITH_ECDSA_SHA256,
    nameOf(issuer.name),
    sequence(timeOf(subject.notBefore), timeOf(subject.notAfter)),
    nameOf(subject.name),
    publicKeyOf(subject.key),
    tlv(0xa3, sequence(extensionOf(subject))),
  );
  const signature = createSign('sha256').update(content).sign(issuer.key);
  const bits = tlv(0x03, Buffer.concat([Buffer.from([0]), signature]));
  const base64 = sequence(content, SIGNED_WITH_ECDSA_SHA256, bits).toString('base64');
  return `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`;
}

function extensionOf(subject: CertificateFacts & { readonly isAuthority?: boolean }): Buffer {
  if (subject.isAuthority === true) {
    const yes = tlv(0x01, Buffer.from([0xff]));
    return sequence(BASIC_CONSTRAINTS, yes, tlv(0x04, sequence(yes)));
  }
  return sequence(
    ALTERNATIVE_NAMES,
    tlv(0x04, sequence(...subject.names.map((name) => alternativeName(name)))),
  );
}

/** RFC 5280, section 4.2.1.6: `iPAddress` is 7, `dNSName` is 2. */
function alternativeName(name: string): Buffer {
  if (isIPv4(name)) return tlv(0x87, Buffer.from(name.split('.').map(Number)));
  return tlv(0x82, Buffer.from(name));
}

function publicKeyOf(key: KeyObject): Buffer {
  const { x = '', y = '' } = key.export({ format: 'jwk' });
  const point = Buffer.concat([
    Buffer.from([4]),
    Buffer.from(x, 'base64url'),
    Buffer.from(y, 'base64url'),
  ]);
  const ecKey = oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01);
  const p256 = oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07);
  return sequence(sequence(ecKey, p256), tlv(0x03, Buffer.concat([Buffer.from([0]), point])));
}

function nameOf(commonName: string): Buffer {
  return sequence(tlv(0x31, sequence(COMMON_NAME, tlv(0x0c, Buffer.from(commonName)))));
}

/** UTCTime: `YYMMDDHHMMSSZ`. */
function timeOf(date: Date): Buffer {
  const digits = date.toISOString().replace(/\D/g, '').slice(2, 14);
  return tlv(0x17, Buffer.from(`${digits}Z`));
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tlv(0x30, Buffer.concat(parts));
}

function oid(...bytes: readonly number[]): Buffer {
  return tlv(0x06, Buffer.from(bytes));
}

/** One value of DER: tag, length, content (X.690). */
function tlv(tag: number, content: Buffer): Buffer {
  const { length } = content;
  return Buffer.concat([Buffer.from([tag, ...lengthOf(length)]), content]);
}

/** As short as it can be: DER has one form of each value. */
function lengthOf(length: number): readonly number[] {
  if (length < 0x80) return [length];
  return length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
}
