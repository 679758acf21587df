/** A replica that takes requests. */
export interface ServingReplica {
  /** Docker's full id of its container. */
  readonly containerId: string;
  /** Of the requests that it gets when it has been there for long: 0 < share ≤ 1. Less while it starts slowly. */
  readonly share: number;
}

/** The door between replicas and requests: nginx keeps it, and who runs the replicas says whom it lets through. */
export interface ReplicaGate {
  /**
   * Makes exactly these replicas take the service's requests; with none, they are answered with 502. Resolves when nginx has
   * confirmed that it serves so: from then on, no new connection leads to any other, and the connections that are left carry
   * requests that began before. Where one was taken out, clients that were connected and have not asked yet are waited for,
   * up to 2 s; one that asks for the first time later than that may still get there, or to another of the replicas of before.
   * Calls that come together are answered together, within about a second.
   * @throws Error in nginx's words when it refuses, or cannot be reached; what served before goes on
   */
  readonly serve: (serviceId: string, replicas: readonly ServingReplica[]) => Promise<void>;
}
