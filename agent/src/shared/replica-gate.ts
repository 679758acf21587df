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
   * confirmed that it serves so: from then on, no new request goes to any other, and the connections that are left carry
   * requests that began before.
   * @throws Error in nginx's words when it refuses, or cannot be reached; what served before goes on
   */
  readonly serve: (serviceId: string, replicas: readonly ServingReplica[]) => Promise<void>;
}
