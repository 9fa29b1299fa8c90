import {
  Global,
  Module,
  type DynamicModule,
  type OnModuleDestroy,
  type OnModuleInit,
} from '@nestjs/common';
import { getConnectionToken } from '@nestjs/mongoose';
import {
  PERSISTENCE_SETTINGS,
  type PersistenceModuleOptions,
  type PersistenceSettings,
} from '../persistence-settings.js';
import { SchemaMigrator } from '../schema/schema-migrator.js';
import { MongoLink } from './mongo-link.js';

/** Gives `MongooseModule.forFeature` a connection that the application can start without. */
@Global()
@Module({})
export class MongoConnectionModule implements OnModuleInit, OnModuleDestroy {
  constructor(
    private readonly link: MongoLink,
    private readonly schema: SchemaMigrator,
  ) {}

  static forRootAsync({
    imports = [],
    inject = [],
    useFactory,
  }: PersistenceModuleOptions): DynamicModule {
    return {
      module: MongoConnectionModule,
      imports: [...imports],
      providers: [
        { provide: PERSISTENCE_SETTINGS, inject: [...inject], useFactory },
        {
          provide: MongoLink,
          inject: [PERSISTENCE_SETTINGS],
          useFactory: ({ mongo }: PersistenceSettings) => new MongoLink(mongo),
        },
        {
          provide: SchemaMigrator,
          inject: [MongoLink],
          useFactory: (link: MongoLink) => new SchemaMigrator(link),
        },
        {
          provide: getConnectionToken(),
          inject: [MongoLink],
          useFactory: ({ connection }: MongoLink) => connection,
        },
      ],
      exports: [PERSISTENCE_SETTINGS, MongoLink, SchemaMigrator, getConnectionToken()],
    };
  }

  /** @throws StoreUnsupportedError which ends the start; a server that is not there does not */
  async onModuleInit(): Promise<void> {
    this.schema.start();
    await this.link.open();
  }

  /** Before the connection is closed. */
  async onModuleDestroy(): Promise<void> {
    await this.schema.stop();
  }
}
