/** Shows people what commands print while they run. */
export interface LiveView {
  /** Whether anyone is watching. If not, save the sandbox the cost of reading the output. */
  isWatched(): boolean
  /** Begins to show a command that has been running since `since`. */
  begin(command: string, since: Date): ShownCommand
}

export interface ShownCommand {
  /**
   * @param printed the end of the output so far, not masked: the last `LOOK_BYTES` bytes, or all of it if it is
   * shorter.
   */
  show(printed: string): void
  /** Call it when the command has ended. */
  end(): void
}

/** Far more than people see, so that a secret that reaches into the visible part is whole and can be masked. */
export const LOOK_BYTES = 32 * 1024
