/** Commands to run in the workspace, and where they come from. */
export interface Plan {
  /** Bash, run one after another from the root of the workspace. Empty: there is nothing to run. */
  readonly commands: readonly string[]
  /** For people: `.github/backspace.yml`, `package-lock.json`; empty when nothing was found. */
  readonly source: string
  /** What is wrong with the repository's own settings, which are then ignored. */
  readonly problem?: string
}

/** What one ecosystem asks for in one folder; commands are written to be run in that folder. */
export interface EcosystemPlan {
  /** The file that gave it away. */
  readonly source: string
  readonly setup: readonly string[]
  readonly checks: readonly string[]
}
