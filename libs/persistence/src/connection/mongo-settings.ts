/** How MongoDB is reached, and how soon its absence is noticed. All times are in milliseconds. */
export interface MongoSettings {
  /** Of a replica set, with the name of the database. */
  readonly url: string;
  /** How long one attempt to reach the server may take. */
  readonly connectMsMax: number;
  /** How long a caller waits for one read or write; then it is `StoreUnavailableError`. */
  readonly operationMsMax: number;
  /**
   * The interval of the heartbeats to the server; at least 500. A server that stops answering is
   * noticed after this plus `connectMsMax`.
   */
  readonly heartbeatMs: number;
  /** The pause between attempts while the first connection can't be made. */
  readonly retryMs: number;
  readonly connectionsMax: number;
}

export const DEFAULT_MONGO_SETTINGS: Omit<MongoSettings, 'url'> = {
  connectMsMax: 1_500,
  operationMsMax: 2_000,
  heartbeatMs: 500,
  retryMs: 500,
  connectionsMax: 20,
};
