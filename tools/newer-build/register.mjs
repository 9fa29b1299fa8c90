/**
 * Makes of an app that is started with `--import` of this file the next release: its table of task
 * types has one more row. Nothing in the apps knows of it.
 */
import { register } from 'node:module';

register('./one-more-type.mjs', import.meta.url);
