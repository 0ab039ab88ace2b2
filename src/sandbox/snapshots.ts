/** Keeps the files of a sandbox, so that later sandboxes begin with them. */
export interface SandboxSnapshots {
  /**
   * Names what every new sandbox consists of: the template, or the tools of this machine. A snapshot from another
   * environment does not fit.
   */
  environment(): Promise<string>
  /**
   * Keeps the files of a sandbox in which nothing runs. The sandbox may stop for a few seconds meanwhile.
   *
   * @returns undefined if it cannot be kept now; the sandbox goes on either way.
   */
  take(sandboxId: string, options: TakeOptions): Promise<SnapshotInfo | undefined>
  /** Does nothing if there is none. A sandbox that began with it is not affected. */
  remove(id: string): Promise<void>
  /** Only snapshots of this deployment, made on this machine if they are kept on it. */
  list(): Promise<readonly SnapshotInfo[]>
}

interface TakeOptions {
  /** Up to 40 letters, digits and dashes. */
  readonly name: string
  readonly signal: AbortSignal
}

export interface SnapshotInfo {
  /** For `CreateSandboxRequest.snapshotId`. */
  readonly id: string
  /** As it was given to `take`. */
  readonly name: string
  /** Undefined if the service does not say. */
  readonly bytes: number | undefined
}
