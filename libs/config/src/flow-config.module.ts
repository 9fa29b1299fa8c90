import { type DynamicModule, Global, Module, type Type } from '@nestjs/common';
import { ConfigModule } from '@nestjs/config';
import { type FlowConfig } from './flow-config.js';

/**
 * Carries the configuration into every module of an app: as its own class, to inject where several
 * variables or their types matter, and as Nest's `ConfigService`. Both have what `loadConfig` read and
 * checked before Nest was there, and nothing else: neither reads the environment or a file again.
 */
@Global()
@Module({})
export class FlowConfigModule {
  static register(config: FlowConfig): DynamicModule {
    const ofApp = config.constructor as Type<FlowConfig>;
    return {
      module: FlowConfigModule,
      imports: [
        ConfigModule.forRoot({
          isGlobal: true,
          ignoreEnvFile: true,
          skipProcessEnv: true,
          load: [() => config],
        }),
      ],
      providers: [{ provide: ofApp, useValue: config }],
      exports: [ofApp],
    };
  }
}
