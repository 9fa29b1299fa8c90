import { IsBoolean, IsIn, IsInt, IsOptional, Matches, Max, Min, ValidateIf } from 'class-validator';
import { IsFile, IsNatsUrls } from './decorators.js';
import { HttpConfig } from './http-config.js';
import { Describe } from './variable.js';

/** How listener and executors reach each other: over NATS, or over HTTP alone. */
export class NatsConfig extends HttpConfig {
  @Describe(
    'How executors are notified of work: over NATS (over HTTP while NATS is not available), or only over HTTP.',
  )
  @IsIn(['nats', 'http'])
  readonly EVENTING_DRIVER: 'nats' | 'http' = 'nats';

  @Describe('The old switch: `false` is the same as EVENTING_DRIVER=http.')
  @IsBoolean()
  readonly EVENTING_ENABLED: boolean = true;

  @Describe('The NATS servers; needed unless EVENTING_DRIVER is `http`.')
  @ValidateIf((config: NatsConfig) => config.usesNats)
  @IsNatsUrls()
  readonly NATS_URL!: readonly string[];

  @Describe(
    'PEM file of the authorities that sign the certificates of the NATS servers, where they are not public ones. Each of these files is read at every connection.',
  )
  @IsOptional()
  @IsFile()
  readonly NATS_CA_FILE?: string;

  @Describe('PEM file of the client certificate of this app for NATS; NATS_KEY_FILE is its key.')
  @ValidateIf(
    (config: NatsConfig) =>
      config.NATS_KEY_FILE !== undefined || config.NATS_CERTIFICATE_FILE !== undefined,
  )
  @IsFile()
  readonly NATS_CERTIFICATE_FILE?: string;

  @Describe('PEM file of the key of NATS_CERTIFICATE_FILE.')
  @ValidateIf(
    (config: NatsConfig) =>
      config.NATS_KEY_FILE !== undefined || config.NATS_CERTIFICATE_FILE !== undefined,
  )
  @IsFile()
  readonly NATS_KEY_FILE?: string;

  @Describe('The `.creds` file of a NATS user, instead of a password in NATS_URL.')
  @IsOptional()
  @IsFile()
  readonly NATS_CREDS_FILE?: string;

  @Describe(
    'The prefix of subjects and (in upper case) of streams, so that installations can share a NATS.',
  )
  // Lower case only: streams have the namespace in upper case, so `a` and `A` would share their streams.
  @Matches(/^[a-z][a-z0-9_-]{0,31}$/)
  readonly EVENTING_NAMESPACE: string = 'flow';

  @Describe('Copies of each stream: 1, or 3 on a cluster.')
  @IsIn([1, 3])
  readonly NATS_STREAM_REPLICAS: 1 | 3 = 1;

  @Describe(
    'The most MiB of a stream of pending work on disk; beyond that dispatches go over HTTP.',
  )
  @IsInt()
  @Min(1)
  @Max(1_048_576)
  readonly NATS_STREAM_MEBIBYTES_MAX: number = 1_024;

  get usesNats(): boolean {
    return this.EVENTING_DRIVER === 'nats' && this.EVENTING_ENABLED;
  }
}
