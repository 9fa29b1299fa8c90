/**
 * The load before a measurement. In the first ten seconds V8's optimizer takes a quarter of the processes' CPU time, so
 * the warm-up is longer.
 */
export const WARM_UP_SECONDS = 15;
