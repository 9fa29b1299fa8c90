import { type TriggerKind } from '@app/events';
import { IfGiven } from '@app/http';
import { type Trigger, type Workflow } from '@app/persistence';
import { IsIn } from 'class-validator';
import { AreTriggers } from './workflow-head.js';

/** What can be changed of a workflow without the rest. A trigger that is not named stays as it is. */
export class SwitchesBody {
  /** `inactive` refuses every event. */
  @IfGiven()
  @IsIn(['active', 'inactive'])
  readonly status?: Workflow['status'];

  @IfGiven()
  @AreTriggers()
  readonly triggers?: Readonly<Partial<Record<TriggerKind, Trigger>>>;
}
