import { type ConsumerTrouble, type MessageFailure } from '@app/messaging';
import { Episode, type EpisodeSettings, type FlowMetrics, type Log } from '@app/observability';

/** The log lines of failures that have lines of their own. */
const TROUBLES: { readonly [kind in ConsumerTrouble['kind']]?: EpisodeSettings } = {
  'reopen-failed': {
    began: "Messages can't be pulled from NATS",
    ended: 'Messages could not be pulled from NATS',
    // The longest pause between two attempts to open the consumer.
    quietMs: 10_000,
  },
};

/**
 * Reports failures of messages to operators. A metric counts each. The log has at most two lines for each
 * episode, because a publisher could otherwise fill it. Each dead letter is stored as well.
 */
export class MessageReports {
  readonly #again: Episode;
  /** The episodes of dead letters by error code. */
  readonly #deadLetters = new Map<string, Episode>();
  readonly #troubles = new Map<ConsumerTrouble['kind'], Episode>();

  constructor(
    private readonly metrics: FlowMetrics,
    private readonly log: Log,
  ) {
    this.#again = new Episode(log, {
      began: 'Messages failed and are redelivered',
      ended: 'Messages failed and were redelivered',
    });
  }

  readonly failed = ({ error, acknowledgement, ...message }: MessageFailure): void => {
    const fields = { ...message, code: error.code, reason: error.message };
    if (acknowledgement.do !== 'dead-letter') {
      const { delayMs } = acknowledgement;
      this.#again.occurred(() => ({ ...fields, delayMs }));
      return;
    }
    this.metrics.deadLetter(error.code);
    const episode = this.#deadLetters.get(error.code) ?? this.#deadLettersOf(error.code);
    episode.occurred(() => ({ ...fields, err: error.cause }));
  };

  readonly trouble = ({ error, ...trouble }: ConsumerTrouble): void => {
    const episode = this.#troubles.get(trouble.kind) ?? this.#troublesOf(trouble.kind);
    episode.occurred(() => ({ ...trouble, err: error }));
  };

  #deadLettersOf(code: string): Episode {
    const episode = new Episode(this.log, {
      level: 'error',
      began: 'A message became a dead letter',
      ended: `Messages became dead letters (${code})`,
    });
    this.#deadLetters.set(code, episode);
    return episode;
  }

  #troublesOf(kind: ConsumerTrouble['kind']): Episode {
    const episode = new Episode(
      this.log,
      TROUBLES[kind] ?? {
        began: 'A consumer has trouble',
        ended: `A consumer had trouble (${kind})`,
      },
    );
    this.#troubles.set(kind, episode);
    return episode;
  }
}
