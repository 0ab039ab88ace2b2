import type { AuditLog } from '../audit/audit-log.ts'
import type { GitHubAccess, RepositoryAccess } from '../github/github-access.ts'
import type { OutcomeStore } from '../runs/outcomes/outcome-store.ts'
import type { Run } from '../runs/run.ts'
import type { SubmitRunInput, Submitted } from '../runs/submit-run.ts'

/** What triggers need from the rest of the service. */
export interface TriggerDeps {
  readonly audit: Pick<AuditLog, 'append'>
  readonly github: GitHubAccess
  /** Id of Backspace's own App, whose comments never start anything. */
  readonly appId: number
  /** The label that starts a run. */
  readonly label: string
  /**
   * Stores and queues a run. A repeat with the same key finds the same run.
   *
   * @throws {BackspaceError} `rate_limited` above a limit.
   */
  readonly submit: (input: SubmitRunInput) => Promise<Pick<Submitted, 'run' | 'created' | 'adopted'>>
  readonly cancel: (runId: string, reason: string) => Promise<unknown>
  /** Runs of a thread, newest first. */
  readonly runsOnThread: (thread: {
    readonly repository: { readonly owner: string; readonly name: string; readonly id: number }
    readonly number: number
  }) => Promise<readonly Run[]>
  /**
   * Whether the settings on a branch say `prove: always`.
   *
   * @throws {BackspaceError} when GitHub does not answer.
   */
  readonly provesAlways: (access: RepositoryAccess, branch: string) => Promise<boolean>
  /** The pull requests that runs opened, and what became of them. */
  readonly outcomes: OutcomeStore
  /** Address of a run's page; undefined if only this machine could open it. */
  readonly runUrl: (runId: string) => string | undefined
  /** Called when a person no longer lets the App know who they are. */
  readonly onRevoked: (person: { readonly id: number; readonly login: string }) => Promise<void>
  /** Called for a webhook that cannot be handled and will not be retried. */
  readonly onLeftAlone: (error: unknown, facts: { readonly deliveryId: string }) => void
}
