import {
  type Authenticator,
  type ConnectionOptions,
  credsAuthenticator,
  tokenAuthenticator,
  usernamePasswordAuthenticator,
} from '@nats-io/transport-node';
import { NatsLink } from './nats-link.js';

export interface NatsSettings {
  /** `nats://` or `tls://`, optionally with `user:password@` or `token@`; at least one. */
  readonly urls: readonly string[];
  /** What the server's monitoring shows for this connection. */
  readonly name: string;
  /** Instead of credentials in the URL. */
  readonly token?: string;
  /** The content of a `.creds` file, instead of credentials in the URL. */
  readonly creds?: Uint8Array;
  /** PEM file of the authority that signed the server's certificate, if it isn't a public one. */
  readonly caFile?: string;
}

/**
 * Connects, and connects again, for ever; returns at once, with a link that is not available until
 * the first connection is made. A server that refuses the credentials is asked again, too: they may
 * be put right on its side.
 */
export function connectNats(settings: NatsSettings): NatsLink {
  return new NatsLink(connectionOptions(settings));
}

/** What the client library is told; it ignores credentials in a URL, so they are taken out here. */
export function connectionOptions(settings: NatsSettings): ConnectionOptions {
  const urls = settings.urls.map((url) => new URL(url));
  const authenticator = authenticatorOf(settings, urls);
  const { caFile } = settings;
  return {
    servers: urls.map((url) => url.host),
    name: settings.name,
    maxReconnectAttempts: -1,
    ignoreAuthErrorAbort: true,
    // What a cluster says of its members is taken up again and again while the first connection is refused:
    // a wrong password was then hundreds of attempts a second, and never an error. The URLs name all members.
    ignoreClusterUpdates: true,
    reconnectTimeWait: 500,
    reconnectJitter: 500,
    timeout: 5_000,
    // A peer that vanished without a word is noticed within 20 to 30 seconds.
    pingInterval: 10_000,
    maxPingOut: 2,
    noAsyncTraces: true,
    ...(authenticator === undefined ? {} : { authenticator }),
    ...(urls.some((url) => url.protocol === 'tls:')
      ? { tls: caFile === undefined ? {} : { caFile } }
      : {}),
  };
}

function authenticatorOf(settings: NatsSettings, urls: readonly URL[]): Authenticator | undefined {
  if (settings.creds !== undefined) return credsAuthenticator(settings.creds);
  if (settings.token !== undefined) return tokenAuthenticator(settings.token);
  const inUrl = urls.find((url) => url.username !== '');
  if (inUrl === undefined) return undefined;
  const user = decodeURIComponent(inUrl.username);
  return inUrl.password === ''
    ? tokenAuthenticator(user)
    : usernamePasswordAuthenticator(user, decodeURIComponent(inUrl.password));
}
