import { IsBoolean, IsIn, IsInt, IsOptional, Max, Min } from 'class-validator';
import { IsMongoUrl, IsNatsUrls, Secret } from './decorators.js';
import { configTable, describeConfig } from './describe-config.js';
import { Describe } from './variable.js';

class SharedConfig {
  @Describe('The port to listen on.')
  @IsInt()
  @Min(0)
  @Max(65_535)
  readonly PORT: number = 7720;
}

class SampleConfig extends SharedConfig {
  @Describe('Where MongoDB is.')
  @IsMongoUrl()
  readonly MONGODB_URI!: string;

  @Describe('For the first start.')
  @IsOptional()
  @Secret(20)
  readonly ADMIN_TOKEN?: string;

  @IsBoolean()
  readonly ENABLED: boolean = false;

  @IsIn(['a', 'b'])
  readonly MODE: string = 'a';

  @IsNatsUrls()
  readonly NATS_URLS: readonly string[] = ['nats://a:1', 'nats://b:2'];
}

describe(describeConfig.name, () => {
  it('has type, default, bounds, secrecy and purpose of every variable', () => {
    const rows = new Map(describeConfig(SampleConfig).map((row) => [row.name, row]));

    expect(rows.get('PORT')).toEqual({
      name: 'PORT',
      type: 'integer',
      default: '7720',
      allowed: 'an integer from 0 to 65535',
      secret: false,
      required: false,
      description: 'The port to listen on.',
    });
    expect(rows.get('MONGODB_URI')).toMatchObject({ type: 'text', required: true });
    expect(rows.get('MONGODB_URI')).not.toHaveProperty('default');
    expect(rows.get('ADMIN_TOKEN')).toMatchObject({ secret: true, required: false });
    expect(rows.get('ENABLED')).toMatchObject({ type: 'boolean', default: 'false' });
    expect(rows.get('MODE')).toMatchObject({ allowed: 'one of a, b', default: 'a' });
    expect(rows.get('NATS_URLS')).toMatchObject({ type: 'list', default: 'nats://a:1,nats://b:2' });
    expect(rows.size).toBe(6);
  });

  it('is written as a table, in which a bar is escaped', () => {
    const [port] = describeConfig(SharedConfig);
    if (port === undefined) throw new Error('no row');

    expect(configTable([{ ...port, description: 'a|b' }])).toBe(
      [
        '| variable | default | allowed | what for |',
        '| --- | --- | --- | --- |',
        '| `PORT` | `7720` | an integer from 0 to 65535 | a\\|b |',
        '',
      ].join('\n'),
    );
  });
});
