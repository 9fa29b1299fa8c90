import { IfGiven } from '@app/http';
import { IsIn } from 'class-validator';
import { type Form, FORMS } from './workflow-view.js';

export class FormQuery {
  /** In which form tasks and parameters are given back. */
  @IfGiven()
  @IsIn(FORMS)
  readonly form: Form = 'long';
}
