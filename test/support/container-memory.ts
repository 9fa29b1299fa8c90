export const MEBIBYTE = 1024 * 1024;

/** What docker-compose.yml gives a listener and an executor. */
export const CONTAINER_BYTES = 512 * MEBIBYTE;

/**
 * V8's bound on the heap is then 304 MiB, as it is in that container; how busy the machine is, is no
 * matter.
 */
export const AS_IN_CONTAINER = {
  NODE_OPTIONS: '--max-old-space-size=256 --max-semi-space-size=16',
  EVENT_LOOP_DELAY_MS_MAX: '60000',
};
