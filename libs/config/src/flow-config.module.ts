import { type DynamicModule, Global, Module, type Type } from '@nestjs/common';
import { ConfigModule } from '@nestjs/config';
import { type FlowConfig } from './flow-config.js';

/**
 * Provides the configuration to every module of an app: as an instance of its own class, which keeps the types, and
 * as Nest's `ConfigService`. Both have the values that `loadConfig` read and checked before Nest started. Neither
 * reads the environment or a file.
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
