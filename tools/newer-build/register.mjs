/**
 * An app that is started with `--import` of this file stands for the next release: its table of task types has one more
 * row. The apps have no code for it.
 */
import { register } from 'node:module';

register('./one-more-type.mjs', import.meta.url);
