import { mintApiToken } from '@app/auth';
import { type ApiToken, ApiTokenStore, MongoLink } from '@app/persistence';
import {
  Body,
  Controller,
  Delete,
  Get,
  Header,
  HttpCode,
  HttpStatus,
  Param,
  Post,
  Req,
} from '@nestjs/common';
import { type FastifyRequest } from 'fastify';
import { auditGranted } from '../../access/audit.js';
import { Permit } from '../../access/permission.js';
import { isoTime, isoTimeIf } from '../iso-time.js';
import { ApiTokenBody } from './api-token-body.js';

type ApiTokenView = Pick<ApiToken, 'id' | 'label' | 'role' | 'groups' | 'scope'> & {
  readonly createdAt: string;
  readonly expiresAt: string | undefined;
};

/** The answer that makes a token. No other answer shows its text. */
type NewApiTokenView = ApiTokenView & { readonly token: string };

/** Tokens of people, who read, vote or operate with them (docs/operations.md). */
@Controller('api/v2/tokens')
export class ApiTokensController {
  constructor(
    private readonly store: ApiTokenStore,
    private readonly link: MongoLink,
  ) {}

  /** All tokens, ordered by label. There are few enough for one page. */
  @Get()
  @Permit('principal:read', 'installation')
  async list(): Promise<{ readonly tokens: readonly ApiTokenView[] }> {
    const tokens = await this.store.list();
    return { tokens: tokens.map(viewOf) };
  }

  @Post()
  @Permit('principal:write', 'installation')
  @Header('Cache-Control', 'no-store')
  async add(
    @Body() { label, role, groups, scope, expiresAt }: ApiTokenBody,
    @Req() request: FastifyRequest,
  ): Promise<NewApiTokenView> {
    const until = expiresAt !== undefined && { expiresAt: Date.parse(expiresAt) };
    const facts = { label, role, groups, ...(scope && { scope }), ...until };
    const { text, token } = mintApiToken(facts, this.link.clock.now());
    await this.store.add(token);
    const view = viewOf(token);
    auditGranted(request, view);
    return { ...view, token: text };
  }

  /** Removes the token. Every executor refuses the next request with it. Votes that were given with it still count. */
  @Delete(':id')
  @Permit('principal:write', 'installation')
  @HttpCode(HttpStatus.NO_CONTENT)
  async remove(@Param('id') id: string): Promise<void> {
    await this.store.remove(id);
  }
}

function viewOf({ hash: _hash, createdAt, expiresAt, ...token }: ApiToken): ApiTokenView {
  return { ...token, createdAt: isoTime(createdAt), expiresAt: isoTimeIf(expiresAt) };
}
