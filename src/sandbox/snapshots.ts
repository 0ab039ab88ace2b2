/** Keeps the files of a sandbox, so that later sandboxes can start from them. */
export interface SandboxSnapshots {
  /**
   * Identifies what every new sandbox consists of: the template, or the tools of this machine. A snapshot fits only
   * into the environment in which it was taken.
   */
  environment(): Promise<string>
  /**
   * Keeps the files of a sandbox in which nothing is running. The sandbox may stop for a few seconds meanwhile.
   *
   * @returns undefined if the files cannot be kept now; the sandbox goes on either way.
   */
  take(sandboxId: string, options: TakeOptions): Promise<SnapshotInfo | undefined>
  /** Removes a snapshot, if it exists. Sandboxes that started from it are not affected. */
  remove(id: string): Promise<void>
  /** The snapshots of this deployment. Where snapshots are kept on a machine, only those of this machine. */
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
  /** The name that was given to `take`. */
  readonly name: string
  /** Size in bytes; undefined if the service does not say. */
  readonly bytes: number | undefined
}
