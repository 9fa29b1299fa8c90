import { type JsonObject } from '@app/json';
import { Controller, Get, Header } from '@nestjs/common';
import { PermitAnybody } from '../../access/permission.js';
import { TASK_TYPES_RUN } from '../../tasks/task-handler.js';
import { workflowSchema } from './workflow-schema.js';

const SCHEMA = workflowSchema(TASK_TYPES_RUN);
/** A GET has no body. */
const BODY_BYTES_MAX = 1;

/** The schema by which an editor completes and checks a workflow; it contains nothing of the installation. */
@Controller('api/v2/schemas')
export class SchemasController {
  @Get('workflow.json')
  @PermitAnybody(BODY_BYTES_MAX)
  @Header('Content-Type', 'application/schema+json')
  @Header('Cache-Control', 'public, max-age=3600')
  workflow(): JsonObject {
    return SCHEMA;
  }
}
