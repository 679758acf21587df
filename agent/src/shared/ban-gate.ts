/** A network that gets no answers. */
export interface RefusedNetwork {
  /** As `contracts` writes it: `203.0.113.7/32`, `2001:db8::/64`. */
  readonly network: string;
  /** The service that refuses it; null for all that this node serves. */
  readonly serviceId: string | null;
}

export interface BanChange {
  readonly added: readonly RefusedNetwork[];
  readonly lifted: readonly RefusedNetwork[];
}

/**
 * The door between bans and requests: who decides on bans says what changed, and nginx (or whatever else comes to refuse
 * clients on this host) keeps to it.
 */
export interface BanGate {
  /**
   * Refuses what is added and no longer what is lifted, as it is asked: repeats change nothing. Resolves when it is in force. The
   * first change does not wait; those that come within a second after it are put in force together.
   * @throws Error in nginx's words when it refuses, or cannot be reached; what was in force stays, and the change is tried again
   *   with the next one
   */
  readonly setBans: (change: BanChange) => Promise<void>;
}

/** Equal for equal ones. */
export function keyOfRefused({ network, serviceId }: RefusedNetwork): string {
  return serviceId === null ? network : `${network} ${serviceId}`;
}
