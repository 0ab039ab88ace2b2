/** Takes what commands print while they run, for people who watch. */
export interface LiveView {
  /** Whether anyone watches; to look at a command costs the sandbox something. */
  isWatched(): boolean
  /** Shows a command that has been running since a time. */
  begin(command: string, since: Date): ShownCommand
}

export interface ShownCommand {
  /** @param printed the end of its output so far, as it is: `LOOK_BYTES` of it, or all if that is less. */
  show(printed: string): void
  /** It no longer runs. */
  end(): void
}

/** Far more than people see, so that a secret in the part that they see is whole and can be masked. */
export const LOOK_BYTES = 32 * 1024
