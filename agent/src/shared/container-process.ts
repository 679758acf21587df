/** The main process of a running container. */
export interface ContainerProcess {
  readonly pid: number;
  /** By Docker's restart policy, since the container was made. */
  readonly restarts: number | null;
}
