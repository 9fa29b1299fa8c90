import { SecretKeys } from '@app/auth';
import { StoreUnavailableError, type WorkflowCache } from '@app/persistence';
import { MemoryScopeStore } from '@app/persistence/testing';
import { validateSync } from 'class-validator';
import { TaskSecretNotFoundError } from '../../tasks/secrets/task-secrets.js';
import { ScopeChanges } from './scope-changes.js';
import { TaskSecretBody, TaskSecretsController } from './task-secrets.controller.js';

/** Breaks off, or lets somebody else come first, between the new version and the old ones. */
class Store extends MemoryScopeStore {
  beforeForget = async (): Promise<void> => undefined;

  override async forget(...given: Parameters<MemoryScopeStore['forget']>): Promise<void> {
    await this.beforeForget();
    await super.forget(...given);
  }
}

let store: Store;
let controller: TaskSecretsController;

beforeEach(() => {
  store = new Store();
  const changes = new ScopeChanges(store, { changed: () => undefined }, 30, () => 1);
  const workflows = { find: async () => ({}) } as unknown as WorkflowCache;
  controller = new TaskSecretsController(changes, new SecretKeys('k'.repeat(32)), workflows);
});

function bodyOf(value: string): TaskSecretBody {
  return Object.assign(new TaskSecretBody(), { value });
}

async function put(value: string): Promise<void> {
  await controller.put('key', bodyOf(value));
}

async function textIn(version: number): Promise<string | undefined> {
  const found = await store.get('*', version);
  return found?.secrets.find(({ name }) => name === 'key')?.encrypted;
}

describe('the removal of a secret', () => {
  it('is completed by the next request if it broke off', async () => {
    await put('the-first-text');
    store.beforeForget = async () => {
      throw new StoreUnavailableError('forget');
    };
    await expect(controller.remove('key')).rejects.toThrow(StoreUnavailableError);
    expect(await textIn(1)).not.toBe('');
    store.beforeForget = async () => undefined;

    await expect(controller.remove('key')).rejects.toThrow(TaskSecretNotFoundError);

    expect(await textIn(1)).toBe('');
  });

  it('keeps a secret that was stored meanwhile', async () => {
    await put('the-first-text');
    store.beforeForget = () => put('the-second-text');

    await controller.remove('key');

    expect(await textIn(1)).toBe('');
    expect(await textIn(3)).toMatch(/^v1\./);
    expect(await controller.list()).toMatchObject({ secrets: [{ name: 'key' }] });
  });

  it('removes it from the list, while its name is kept', async () => {
    await put('the-first-text');
    await store.forget('*', 'key', 1);

    expect(await controller.list()).toEqual({ secrets: [] });
    await expect(controller.remove('key')).rejects.toThrow(TaskSecretNotFoundError);
  });
});

describe(TaskSecretBody, () => {
  it.each([
    ['the-text of\n-it', 0],
    [' the-text', 1],
    ['the-text\n', 1],
    ['\tthe-text ', 1],
  ])('with %j has %d problems', (value, count) => {
    const problems = validateSync(bodyOf(value));

    expect(problems).toHaveLength(count);
  });
});
