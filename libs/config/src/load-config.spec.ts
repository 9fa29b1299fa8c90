import { IsBoolean, IsIn, IsInt, IsNumber, IsOptional, IsString, Max, Min } from 'class-validator';
import { IsCidrList, IsHttpUrl, IsMongoUrl, IsNatsUrls, Secret } from './decorators.js';
import {
  formerNamesSet,
  InvalidConfigError,
  type Environment,
  loadConfig,
  misspeltNames,
} from './load-config.js';
import { FormerName } from './variable.js';

class SampleConfig {
  @IsMongoUrl()
  readonly MONGODB_URI!: string;

  @IsInt()
  @Min(1)
  @Max(10_000)
  @FormerName('ACTIVITIES_IN_HAND_MAX')
  readonly ACTIVITIES_MAX: number = 200;

  @IsNumber()
  readonly RATIO: number = 0.5;

  @IsBoolean()
  readonly AUTH_ENABLED: boolean = true;

  @IsIn(['nats', 'http'])
  readonly DRIVER: 'nats' | 'http' = 'nats';

  @IsNatsUrls()
  readonly NATS_URLS: readonly string[] = ['nats://127.0.0.1:4222'];

  @IsCidrList()
  readonly TRUSTED_PROXIES: readonly string[] = [];

  @IsOptional()
  @Secret(12)
  readonly ADMIN_TOKEN?: string;

  @IsOptional()
  @IsHttpUrl()
  readonly PUBLIC_URL?: string;

  @IsString()
  readonly LABEL: string = '';
}

const VALID = { MONGODB_URI: 'mongodb://127.0.0.1:27017/flow' };

function load(env: Environment): SampleConfig {
  return loadConfig(SampleConfig, { ...VALID, ...env });
}

function rejectionOf(env: Environment): InvalidConfigError {
  try {
    loadConfig(SampleConfig, env);
  } catch (error) {
    if (error instanceof InvalidConfigError) return error;
    throw error;
  }
  throw new Error('the configuration was accepted');
}

describe('a renamed variable', () => {
  it('is read under its former name, unless it is set under its own', () => {
    expect(load({ ACTIVITIES_IN_HAND_MAX: '7' }).ACTIVITIES_MAX).toBe(7);
    expect(load({ ACTIVITIES_IN_HAND_MAX: '7', ACTIVITIES_MAX: '8' }).ACTIVITIES_MAX).toBe(8);
    expect(rejectionOf({ ...VALID, ACTIVITIES_IN_HAND_MAX: 'x' }).message).toContain(
      'ACTIVITIES_MAX: must be',
    );
  });

  it('is reported as long as it is set under its former name', () => {
    expect(formerNamesSet(SampleConfig, { ACTIVITIES_MAX: '8' })).toEqual([]);
    expect(formerNamesSet(SampleConfig, { ACTIVITIES_IN_HAND_MAX: '7' })).toEqual([
      expect.stringContaining('ACTIVITIES_IN_HAND_MAX is called ACTIVITIES_MAX now'),
    ]);
  });
});

describe('a variable whose name is misspelt', () => {
  it('is reported with the one that was meant', () => {
    expect(misspeltNames(SampleConfig, { ACTIVITY_MAX: '7', TRUSTED_PROXYS: '::1' })).toEqual([
      'TRUSTED_PROXYS is not a setting; did you mean TRUSTED_PROXIES?',
    ]);
    expect(misspeltNames(SampleConfig, { ACTIVITES_IN_HAND_MAX: '7' })).toEqual([
      'ACTIVITES_IN_HAND_MAX is not a setting; did you mean ACTIVITIES_IN_HAND_MAX?',
    ]);
  });

  it('is named where the one that was meant is missing', () => {
    expect(rejectionOf({ MONGO_DB_URI: VALID.MONGODB_URI }).message).toContain(
      'MONGODB_URI: is not set, but MONGO_DB_URI is; must be',
    );
  });

  it('is not reported where the other one is set, nor for names of one word', () => {
    expect(misspeltNames(SampleConfig, { TRUSTED_PROXYS: 'x', TRUSTED_PROXIES: '::1' })).toEqual(
      [],
    );
    expect(misspeltNames(SampleConfig, { LABELS: 'x', HOME: '/root', ADMIN_TOKENS: '' })).toEqual(
      [],
    );
  });
});

describe(loadConfig.name, () => {
  it('keeps the default of a variable that is not set or empty', () => {
    expect(load({ ACTIVITIES_MAX: '', DRIVER: '  ' })).toMatchObject({
      ACTIVITIES_MAX: 200,
      AUTH_ENABLED: true,
      DRIVER: 'nats',
      NATS_URLS: ['nats://127.0.0.1:4222'],
    });
  });

  it('converts to the type of the field', () => {
    expect(
      load({
        ACTIVITIES_MAX: '10000',
        RATIO: '0.25',
        NATS_URLS: 'nats://a:4222, tls://b:4222,',
        TRUSTED_PROXIES: '10.0.0.0/8,::1',
        LABEL: '42',
      }),
    ).toMatchObject({
      ACTIVITIES_MAX: 10_000,
      RATIO: 0.25,
      NATS_URLS: ['nats://a:4222', 'tls://b:4222'],
      TRUSTED_PROXIES: ['10.0.0.0/8', '::1'],
      LABEL: '42',
    });
  });

  it.each([
    ['true', true],
    ['1', true],
    ['false', false],
    ['0', false],
  ])('reads the boolean %s', (text, value) => {
    expect(load({ AUTH_ENABLED: text }).AUTH_ENABLED).toBe(value);
  });

  it.each([
    ['ACTIVITIES_MAX', '0'],
    ['ACTIVITIES_MAX', '10001'],
    ['ACTIVITIES_MAX', '1.5'],
    ['ACTIVITIES_MAX', '0x10'],
    ['ACTIVITIES_MAX', '10 per second'],
    ['AUTH_ENABLED', 'yes'],
    ['DRIVER', 'NATS'],
    ['NATS_URLS', 'http://a:4222'],
    ['NATS_URLS', ','],
    ['TRUSTED_PROXIES', '10.0.0.0/33'],
    ['TRUSTED_PROXIES', 'example.com'],
    ['ADMIN_TOKEN', 'short'],
    ['PUBLIC_URL', 'ftp://example.com'],
    ['PUBLIC_URL', 'https://user:secret@example.com'],
    ['MONGODB_URI', 'mongodb://127.0.0.1:27017'],
    ['MONGODB_URI', 'postgres://127.0.0.1/flow'],
    ['MONGODB_URI', 'mongodb://flow:ab/cd+ef==@127.0.0.1/flow'],
    ['NATS_URLS', 'nats://flow:ab/cd+ef==@a:4222'],
  ])('refuses %s=%s', (name, text) => {
    const { problems } = rejectionOf({ ...VALID, [name]: text });

    expect(problems.map((problem) => problem.path)).toEqual([name]);
  });

  it('accepts several hosts and credentials in a MongoDB URL', () => {
    const url = 'mongodb://user:pa%40ss@a:27017,b:27017/flow?replicaSet=rs0';

    expect(load({ MONGODB_URI: url }).MONGODB_URI).toBe(url);
  });

  it('reports every problem at once, in order of declaration, with what is allowed', () => {
    const rejection = rejectionOf({ DRIVER: 'carrier-pigeon', ACTIVITIES_MAX: 'lots' });

    expect(rejection.message).toBe(
      [
        'The configuration is not valid. Set these and start again:',
        '  MONGODB_URI: is not set; must be a mongodb:// or mongodb+srv:// URL with a database name, its password percent-encoded',
        '  ACTIVITIES_MAX: must be an integer from 1 to 10000',
        '  DRIVER: must be one of nats, http',
      ].join('\n'),
    );
    expect(rejection).toMatchObject({ code: 'CONFIG_INVALID', kind: 'invalid' });
  });

  it('shows no value', () => {
    const rejection = rejectionOf({
      MONGODB_URI: 'mongodb://hunter2@host',
      ADMIN_TOKEN: 'hunter2',
      DRIVER: 'hunter2',
    });

    expect(rejection.problems).toHaveLength(3);
    expect(JSON.stringify(rejection) + rejection.message).not.toContain('hunter2');
  });

  it('ignores variables that it does not declare, and cannot be changed afterwards', () => {
    const config = load({ PATH: '/usr/bin' });

    expect(config).not.toHaveProperty('PATH');
    expect(Object.isFrozen(config)).toBe(true);
  });
});
