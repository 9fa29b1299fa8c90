import { Catch, type ExceptionFilter } from '@nestjs/common';
import { type Observable, throwError } from 'rxjs';

/**
 * Belongs on each controller with JetStream handlers (`@UseFilters`). Nest's own filter puts
 * "Internal server error" in the place of any error; the ack loop decides by the error itself
 * whether a message comes again.
 */
@Catch()
export class PassErrorToAckLoop implements ExceptionFilter {
  catch(error: unknown): Observable<never> {
    return throwError(() => error);
  }
}
