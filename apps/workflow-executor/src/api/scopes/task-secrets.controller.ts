import { SecretKeys } from '@app/auth';
import { BodyInvalidError } from '@app/http';
import {
  FORGOTTEN,
  INSTALLATION,
  type ScopeContent,
  type TaskSecret,
  WorkflowCache,
  WorkflowNotFoundError,
} from '@app/persistence';
import { isSecretName, SECRET_CHARS_MAX } from '@app/workflow-engine';
import { Body, Controller, Delete, Get, HttpCode, HttpStatus, Param, Put } from '@nestjs/common';
import { IsString, Length, Matches } from 'class-validator';
import { Permit } from '../../access/permission.js';
import { TaskSecretNotFoundError } from '../../tasks/secrets/task-secrets.js';
import { isoTime } from '../iso-time.js';
import { ScopeChanges } from './scope-changes.js';

export class TaskSecretBody {
  /**
   * Masking replaces the text of a secret in answers. A shorter text would mask much else; one with white space at
   * its ends may come back without it, unmasked.
   */
  @IsString()
  @Length(8, SECRET_CHARS_MAX)
  @Matches(/^\S[^]*\S$/, { message: 'must not begin or end with white space: targets take it off' })
  readonly value!: string;
}

/** A secret as the API shows it, without its text. */
interface TaskSecretView {
  readonly name: string;
  readonly changedAt: string;
}

interface TaskSecretsView {
  readonly secrets: readonly TaskSecretView[];
}

const NAME_RULE =
  'must be 1 to 64 letters, digits, "-" and "_", and begin with a letter or a digit';

/**
 * Secrets that tasks send as `$(secrets.name)`, of the installation or of one workflow. No call of the API reads
 * their text.
 */
@Controller('api/v2')
export class TaskSecretsController {
  constructor(
    private readonly changes: ScopeChanges,
    private readonly keys: SecretKeys,
    private readonly workflows: WorkflowCache,
  ) {}

  @Get('task-secrets')
  @Permit('secret:read', 'installation')
  list(): Promise<TaskSecretsView> {
    return this.#list(INSTALLATION);
  }

  @Put('task-secrets/:name')
  @Permit('secret:write', 'installation')
  put(@Param('name') name: string, @Body() body: TaskSecretBody): Promise<TaskSecretView> {
    return this.#put(INSTALLATION, name, body.value);
  }

  @Delete('task-secrets/:name')
  @Permit('secret:write', 'installation')
  @HttpCode(HttpStatus.NO_CONTENT)
  remove(@Param('name') name: string): Promise<void> {
    return this.#remove(INSTALLATION, name);
  }

  @Get('workflows/:id/task-secrets')
  @Permit('secret:read', 'workflow')
  async listOf(@Param('id') id: string): Promise<TaskSecretsView> {
    await this.#requireWorkflow(id);
    return this.#list(id);
  }

  @Put('workflows/:id/task-secrets/:name')
  @Permit('secret:write', 'workflow')
  async putOf(
    @Param('id') id: string,
    @Param('name') name: string,
    @Body() body: TaskSecretBody,
  ): Promise<TaskSecretView> {
    await this.#requireWorkflow(id);
    return this.#put(id, name, body.value);
  }

  /** Answers for a deleted workflow as well. */
  @Delete('workflows/:id/task-secrets/:name')
  @Permit('secret:write', 'workflow')
  @HttpCode(HttpStatus.NO_CONTENT)
  removeOf(@Param('id') id: string, @Param('name') name: string): Promise<void> {
    return this.#remove(id, name);
  }

  async #list(scope: string): Promise<TaskSecretsView> {
    const latest = await this.changes.latest(scope);
    return { secrets: (latest?.secrets ?? []).filter(isKept).map(viewOf) };
  }

  async #put(scope: string, name: string, value: string): Promise<TaskSecretView> {
    if (!isSecretName(name)) throw nameInvalid();
    const encrypted = this.keys.encryptTaskSecret(value, scope, name);
    let secret: TaskSecret = { name, encrypted, changedAt: 0 };
    await this.changes.change(scope, ({ parameters, secrets }, changedAt) => {
      secret = { ...secret, changedAt };
      return { parameters, secrets: [...secrets.filter((one) => one.name !== name), secret] };
    });
    return viewOf(secret);
  }

  /**
   * Removes the secret. No later call gets it, not even in runs that have begun. An interrupted removal may have left
   * the text in old versions. So these are cleaned again even if the latest version has no such secret.
   */
  async #remove(scope: string, name: string): Promise<void> {
    const latest = await this.changes.latest(scope);
    if (!latest || !hasSecret(latest, name)) {
      if (latest) await this.changes.forget(scope, name, latest.version);
      throw new TaskSecretNotFoundError(name);
    }
    const made = await this.changes.change(scope, ({ parameters, secrets }) => {
      if (!hasSecret({ secrets }, name)) throw new TaskSecretNotFoundError(name);
      return { parameters, secrets: secrets.filter((one) => one.name !== name) };
    });
    await this.changes.forget(scope, name, made.version - 1);
  }

  async #requireWorkflow(id: string): Promise<void> {
    if (!(await this.workflows.find(id))) throw new WorkflowNotFoundError(id);
  }
}

function nameInvalid(): BodyInvalidError {
  const problem = { path: 'name', detail: NAME_RULE };
  return new BodyInvalidError("This can't be the name of a secret", [problem]);
}

function isKept({ encrypted }: TaskSecret): boolean {
  return encrypted !== FORGOTTEN;
}

function hasSecret({ secrets }: Pick<ScopeContent, 'secrets'>, name: string): boolean {
  return secrets.some((one) => one.name === name && isKept(one));
}

function viewOf({ name, changedAt }: TaskSecret): TaskSecretView {
  return { name, changedAt: isoTime(changedAt) };
}
