/** Commands to run in the workspace, and where they come from. */
export interface Plan {
  /** Bash commands, to run one after another at the root of the workspace; may be empty. */
  readonly commands: readonly string[]
  /** For people: `.github/backspace.yml`, `package-lock.json`; empty if nothing was found. */
  readonly source: string
}

/** The commands of one ecosystem in one folder, to be run in that folder. */
export interface EcosystemPlan {
  /** The file that it was recognised by. */
  readonly source: string
  readonly setup: readonly string[]
  readonly checks: readonly string[]
}
