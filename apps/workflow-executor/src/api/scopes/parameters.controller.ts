import { BodyInvalidError } from '@app/http';
import { isJsonObject, type JsonObject, jsonObjectOf, type JsonValue, membersIn } from '@app/json';
import { INSTALLATION } from '@app/persistence';
import { Body, Controller, Delete, Get, HttpCode, HttpStatus, Param, Put } from '@nestjs/common';
import { Permit } from '../../access/permission.js';
import { isoTimeIf } from '../iso-time.js';
import { ParameterNotFoundError } from '../errors.js';
import { ScopeChanges } from './scope-changes.js';

/** The parameters of the version that new runs use. */
interface ParametersView {
  /** 0 before the first change. */
  readonly version: number;
  readonly changedAt: string | undefined;
  readonly parameters: JsonObject;
}

interface ParameterView {
  readonly name: string;
  readonly value: JsonValue;
  readonly version: number;
}

const NAME = /^[A-Za-z0-9_-]{1,100}$/;

/** Parameters of the installation: `$(global.params.x)`, and `$(params.x)` where nothing else has that name. */
@Controller('api/v2/parameters')
export class ParametersController {
  constructor(private readonly changes: ScopeChanges) {}

  @Get()
  @Permit('parameter:read', 'installation')
  async list(): Promise<ParametersView> {
    const latest = await this.changes.latest(INSTALLATION);
    return {
      version: latest?.version ?? 0,
      changedAt: isoTimeIf(latest?.createdAt),
      parameters: latest?.parameters ?? {},
    };
  }

  @Put(':name')
  @Permit('parameter:write', 'installation')
  async put(@Param('name') name: string, @Body() body: unknown): Promise<ParameterView> {
    const value = valueIn(body);
    if (!NAME.test(name)) {
      const detail = 'must be 1 to 100 letters, digits, "-" and "_"';
      throw new BodyInvalidError("This can't be the name of a parameter", [
        { path: 'name', detail },
      ]);
    }
    const { version } = await this.changes.change(INSTALLATION, ({ parameters, secrets }) => ({
      secrets,
      parameters: jsonObjectOf([...without(parameters, name), [name, value]]),
    }));
    return { name, value, version };
  }

  /** Removes the parameter. Runs that have begun keep its value. */
  @Delete(':name')
  @Permit('parameter:write', 'installation')
  @HttpCode(HttpStatus.NO_CONTENT)
  async remove(@Param('name') name: string): Promise<void> {
    await this.changes.change(INSTALLATION, ({ parameters, secrets }) => {
      if (!Object.hasOwn(parameters, name)) throw new ParameterNotFoundError(name);
      return { secrets, parameters: jsonObjectOf(without(parameters, name)) };
    });
  }
}

function without(parameters: JsonObject, name: string): (readonly [string, JsonValue])[] {
  return membersIn(parameters).filter(([other]) => other !== name);
}

/** The value of a parameter. It may be any JSON, so no class with decorators can describe it. */
function valueIn(body: unknown): JsonValue {
  const value = isJsonObject(body as JsonValue) ? (body as JsonObject)['value'] : undefined;
  if (value === undefined) {
    throw new BodyInvalidError('A parameter needs a value', [
      { path: 'value', detail: 'is missing: send { "value": ... }' },
    ]);
  }
  return value;
}
