/**
 * An executor that is started with `--import` of this file records the steps of its runs into the folder that
 * `RECORD_STEPS` names. Nothing in the apps knows of it.
 */
import { register } from 'node:module';

register('./recorded-step.mjs', import.meta.url);
