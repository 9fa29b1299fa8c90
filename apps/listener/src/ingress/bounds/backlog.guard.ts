import { type CanActivate, Injectable } from '@nestjs/common';
import { BacklogLimit } from './backlog-limit.js';
import { BacklogFullError } from '../errors.js';

/**
 * Asks senders to come again later while too much waits to be executed: before anything is looked at,
 * since a listener that has to say no must be able to say it fast.
 */
@Injectable()
export class BacklogGuard implements CanActivate {
  constructor(private readonly limit: BacklogLimit) {}

  /** @throws BacklogFullError */
  canActivate(): true {
    if (this.limit.isReached) throw new BacklogFullError();
    return true;
  }
}
