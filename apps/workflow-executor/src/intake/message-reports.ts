import { type ConsumerTrouble, type MessageFailure } from '@app/messaging';
import { Episode, type EpisodeSettings, type FlowMetrics, type Log } from '@app/observability';

/** The log lines of a failure, where they are not the usual ones. */
const TROUBLES: { readonly [kind in ConsumerTrouble['kind']]?: EpisodeSettings } = {
  'reopen-failed': {
    began: 'Messages can not be asked for',
    ended: 'Messages could not be asked for',
    // The longest pause between two attempts.
    quietMs: 10_000,
  },
};

/**
 * Reports failures of messages to operators. A metric counts each. The log has at most two lines of each kind,
 * because whoever may publish decides how many failures there are. Dead letters are on record.
 */
export class MessageReports {
  readonly #again: Episode;
  /** By code. */
  readonly #deadLetters = new Map<string, Episode>();
  readonly #troubles = new Map<ConsumerTrouble['kind'], Episode>();

  constructor(
    private readonly metrics: FlowMetrics,
    private readonly log: Log,
  ) {
    this.#again = new Episode(log, {
      began: 'Messages have to come again',
      ended: 'Messages had to come again',
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
        began: 'Messages do not come as they should',
        ended: `Messages did not come as they should (${kind})`,
      },
    );
    this.#troubles.set(kind, episode);
    return episode;
  }
}
