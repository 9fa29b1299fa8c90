import { Logger } from '@nestjs/common';
import { jsonData } from '@app/events/testing';
import { StoreUnavailableError } from '../src/errors.js';
import { aCommit, aNewActivity, anEvent } from '../src/testing/builders.js';
import { CuttingProxy } from './cutting-proxy.js';
import { freshDatabaseUrl, MongoStores } from './mongo-stores.js';
import { until } from '@app/errors/testing';

const TEST_MS_MAX = 120_000;
/** With what others write at the same time more than sockets hold: the client still writes at the cut. */
const DATA_CHARS = 900_000;
const SENDERS = 12;
const CUTS = 10;

Logger.overrideLogger(false);

let proxy: CuttingProxy;
let stores: MongoStores;

beforeEach(async () => {
  const url = new URL(freshDatabaseUrl());
  proxy = await CuttingProxy.start(Number(url.port));
  url.port = String(proxy.port);
  url.searchParams.set('directConnection', 'true');
  stores = new MongoStores({ url: url.href });
  await stores.open();
}, TEST_MS_MAX);

afterEach(async () => {
  proxy.cutAfterBytes = () => undefined;
  await until(() => stores.link.available);
  await stores.drop();
  await proxy.close();
}, TEST_MS_MAX);

it(
  'says "unavailable", and nothing else, of writes and reads whose connection is cut in mid-message',
  async () => {
    proxy.cutAfterBytes = (connection) => 100_000 + ((connection * 611_953) % 9_000_000);
    const data = jsonData('x'.repeat(DATA_CHARS));
    const others: unknown[] = [];
    const recorded: string[] = [];
    const attempt = async <T>(work: Promise<T>): Promise<T | undefined> => {
      try {
        return await work;
      } catch (error) {
        if (!(error instanceof StoreUnavailableError)) others.push(error);
        return undefined;
      }
    };
    const sender = async (name: string): Promise<void> => {
      for (let n = 0; proxy.cuts < CUTS; n += 1) {
        const activity = aNewActivity({ event: anEvent({ id: `${name}-${n}`, data }) });
        if (await attempt(stores.activities.record(activity))) recorded.push(activity.id);
        await attempt(stores.activities.commit(aCommit({ id: activity.id })));
        await attempt(stores.activities.get(activity.id));
        await until(() => stores.link.available);
      }
    };

    await Promise.all(Array.from({ length: SENDERS }, (_, index) => sender(String(index))));

    expect(others).toEqual([]);
    proxy.cutAfterBytes = () => undefined;
    await until(async () => (await attempt(stores.activities.list({ limit: 1 }))) !== undefined);
    for (const id of recorded) expect(await stores.activities.get(id)).toBeDefined();
  },
  TEST_MS_MAX,
);
