import { IsInt, Max, Min } from 'class-validator';
import { IsCidrList } from './decorators.js';
import { Describe } from './variable.js';

/** The limits of an HTTP server: sizes, counts and times of what it accepts. */
export class HttpConfig {
  @Describe('The largest request body, in bytes.')
  @IsInt()
  @Min(65_536)
  @Max(8_388_608)
  readonly BODY_BYTES_MAX: number = 4_194_304;

  @Describe(
    'The most levels of nesting in JSON: in events, in bodies of the API and in answers to calls.',
  )
  @IsInt()
  @Min(1)
  @Max(90)
  readonly JSON_NESTING_MAX: number = 64;

  @Describe(
    'The most members and elements, counted together, in one JSON text: an event, a body of the API or an answer to a call.',
  )
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  readonly JSON_MEMBERS_MAX: number = 120_000;

  @Describe('All request headers together, in bytes.')
  @IsInt()
  @Min(4_096)
  @Max(131_072)
  readonly HEADER_BYTES_MAX: number = 16_384;

  @Describe('How long the headers of a request may take to arrive, in milliseconds.')
  @IsInt()
  @Min(1_000)
  @Max(600_000)
  readonly HEADERS_MS_MAX: number = 10_000;

  @Describe('How long a whole request may take to arrive, in milliseconds.')
  @IsInt()
  @Min(1_000)
  @Max(600_000)
  readonly REQUEST_MS_MAX: number = 15_000;

  @Describe('The most requests in progress at the same time; beyond that 503.')
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  readonly REQUESTS_IN_FLIGHT_MAX: number = 1_000;

  @Describe('The most open connections at the same time; further ones are closed at once.')
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  readonly CONNECTIONS_MAX: number = 5_000;

  @Describe(
    'How late the event loop may be, three times in a row, in milliseconds; beyond that 503.',
  )
  @IsInt()
  @Min(50)
  @Max(60_000)
  readonly EVENT_LOOP_DELAY_MS_MAX: number = 250;

  @Describe('Proxies whose X-Forwarded-For is trusted.')
  @IsCidrList()
  readonly TRUSTED_PROXIES: readonly string[] = [];
}
