import { createHash } from 'node:crypto';
import { readToken } from '@app/auth';
import { httpOptions } from '@app/bootstrap';
import { type HttpOptions } from '@app/http';
import { type OptionsSettings } from './ingress/preflight/answer-options.js';
import { type ListenerConfig } from './listener.config.js';

const SECONDS_A_MINUTE = 60;

/** The options of the listener's HTTP server. */
export function ingressOptions(config: ListenerConfig): HttpOptions {
  return {
    ...httpOptions(config, 'unread', config.RATE_LIMIT_PER_SECOND),
    callerRate: {
      perSecond: config.TOKEN_RATE_LIMIT_PER_SECOND,
      keyOf: (request) => {
        const token = readToken(request);
        // A digest, so that no token is kept in memory and a long one costs no more.
        return token === undefined
          ? undefined
          : createHash('sha256').update(token).digest('base64');
      },
    },
  };
}

/** The settings of answers to OPTIONS. */
export function optionsSettings(
  config: ListenerConfig,
  routes: { methodsAt(url: string): readonly string[] },
): OptionsSettings {
  const limits = [config.RATE_LIMIT_PER_SECOND, config.TOKEN_RATE_LIMIT_PER_SECOND];
  const perSecond = Math.min(...limits.filter((limit) => limit > 0));
  return {
    handshake: {
      allowedOrigins: config.WEBHOOK_ALLOWED_ORIGINS,
      ratePerMinute: Number.isFinite(perSecond) ? perSecond * SECONDS_A_MINUTE : undefined,
    },
    corsOrigins: config.CORS_ALLOWED_ORIGINS,
    methodsAt: (url) => routes.methodsAt(url),
  };
}
