/**
 * An executor that is started with `--import` of this file records the steps of its runs into the folder
 * `RECORD_STEPS`. The apps have no code for it.
 */
import { register } from 'node:module';

register('./recorded-step.mjs', import.meta.url);
