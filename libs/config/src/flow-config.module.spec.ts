import { Injectable } from '@nestjs/common';
import { ConfigService } from '@nestjs/config';
import { Test } from '@nestjs/testing';
import { FlowConfigModule } from './flow-config.module.js';
import { FlowConfig } from './flow-config.js';
import { loadConfig } from './load-config.js';

class AppConfig extends FlowConfig {}

@Injectable()
class Reader {
  constructor(
    readonly config: AppConfig,
    readonly service: ConfigService<AppConfig, true>,
  ) {}
}

const SECRET = 's'.repeat(32);

describe(FlowConfigModule, () => {
  it('provides the checked configuration, and never the environment', async () => {
    const config = loadConfig(AppConfig, {
      MONGODB_URL: 'mongodb://127.0.0.1/flow?replicaSet=rs',
      EVENTING_DRIVER: 'http',
      INTERNAL_SECRET: SECRET,
      BODY_BYTES_MAX: '65536',
    });
    const host = process as unknown as { env: Record<string, string | undefined> };
    host.env['BODY_BYTES_MAX'] = 'nonsense';
    host.env['NOT_OURS'] = 'x';
    try {
      const module = await Test.createTestingModule({
        imports: [FlowConfigModule.register(config)],
        providers: [Reader],
      }).compile();
      const { config: injected, service } = module.get(Reader);

      expect(injected).toBe(config);
      expect(injected.usesNats).toBe(false);
      expect(service.get('BODY_BYTES_MAX', { infer: true })).toBe(65_536);
      expect(service.get('NOT_OURS' as 'HOST', { infer: true })).toBeUndefined();
    } finally {
      delete host.env['BODY_BYTES_MAX'];
      delete host.env['NOT_OURS'];
    }
  });
});
