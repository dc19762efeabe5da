/** The only source of time and of waiting. Tests and simulations pass a `VirtualClock`. */
export interface Clock {
  /** Milliseconds since the Unix epoch, UTC. */
  now(): number;
  /** Resolves when `now()` has reached `instantMs`; rejects with `signal.reason` on abort. */
  until(instantMs: number, signal?: AbortSignal): Promise<void>;
}
