import { readFileSync } from 'node:fs';
import {
  type Authenticator,
  type ConnectionOptions,
  credsAuthenticator,
  type TlsOptions,
  tokenAuthenticator,
  usernamePasswordAuthenticator,
} from '@nats-io/transport-node';
import { NatsLink } from './nats-link.js';

export interface NatsSettings {
  /** `nats://` or `tls://`, optionally with `user:password@` or `token@`; at least one. */
  readonly urls: readonly string[];
  /** What the server's monitoring shows for this connection. */
  readonly name: string;
  /** A `.creds` file, instead of credentials in the URL; read at every connection, so it may be replaced. */
  readonly credsFile?: string | undefined;
  /**
   * PEM files, read at every connection: of the authority that signed the servers' certificates, if it isn't a
   * public one; and of the certificate and the key by which the servers know us. With any of them, or a
   * `tls://` URL, a server that does not encrypt is refused.
   */
  readonly caFile?: string | undefined;
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
}

/**
 * Connects, and reconnects for ever. Returns at once, with a link that is not available until the first connection is
 * made. A server that refuses the credentials is tried again, too: they may be corrected on its side.
 */
export function connectNats(settings: NatsSettings): NatsLink {
  return new NatsLink(connectionOptions(settings));
}

/** Options of the client library. It ignores credentials in a URL, so they are passed apart. */
export function connectionOptions(settings: NatsSettings): ConnectionOptions {
  const urls = settings.urls.map((url) => new URL(url));
  const authenticator = authenticatorOf(settings, urls);
  const tls = tlsOf(settings, urls);
  return {
    servers: urls.map((url) => url.host),
    name: settings.name,
    maxReconnectAttempts: -1,
    ignoreAuthErrorAbort: true,
    // The client library would retry the members that a cluster names all the time while the first connection is
    // refused:
    // with a wrong password, hundreds of attempts a second and no error. The URLs name all members, so those are
    // ignored.
    ignoreClusterUpdates: true,
    reconnectTimeWait: 500,
    reconnectJitter: 500,
    timeout: 5_000,
    // A peer that vanished without closing its connection is noticed within 20 to 30 seconds.
    pingInterval: 10_000,
    maxPingOut: 2,
    noAsyncTraces: true,
    ...(authenticator === undefined ? {} : { authenticator }),
    ...(tls === undefined ? {} : { tls }),
  };
}

function tlsOf(
  { caFile, certFile, keyFile }: NatsSettings,
  urls: readonly URL[],
): TlsOptions | undefined {
  const tls = {
    ...(caFile !== undefined && { caFile }),
    ...(certFile !== undefined && { certFile }),
    ...(keyFile !== undefined && { keyFile }),
  };
  const isAsked = urls.some((url) => url.protocol === 'tls:') || Object.keys(tls).length > 0;
  return isAsked ? tls : undefined;
}

function authenticatorOf(settings: NatsSettings, urls: readonly URL[]): Authenticator | undefined {
  const { credsFile } = settings;
  if (credsFile !== undefined) return (nonce) => credsAuthenticator(readFileSync(credsFile))(nonce);
  const inUrl = urls.find((url) => url.username !== '');
  if (inUrl === undefined) return undefined;
  const user = decodeURIComponent(inUrl.username);
  return inUrl.password === ''
    ? tokenAuthenticator(user)
    : usernamePasswordAuthenticator(user, decodeURIComponent(inUrl.password));
}
