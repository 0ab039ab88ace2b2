import type { Agent, AgentLimits } from '../agent/agent.ts'
import type { GitHubAccess } from '../github/octokit.ts'
import type { Pause } from '../github/pause.ts'
import type { RunLog } from '../runs/log/run-log.ts'
import type { NoteStore } from '../runs/notes/note-store.ts'
import type { Run } from '../runs/run.ts'
import type { EffectStore } from '../runs/store/effect-store.ts'
import type { RunStore } from '../runs/store/run-store.ts'
import type { SandboxProvider } from '../sandbox/sandbox.ts'
import type { ProgressReporter } from './progress/report-progress.ts'
import type { HostEnvironment } from './workspace/run-host-git.ts'

/** What carrying a run to its end needs of the rest of the product. */
export interface ExecuteRunDeps {
  readonly store: RunStore
  readonly log: RunLog
  readonly effects: EffectStore
  /** What people add to a run under way. */
  readonly notes: Pick<NoteStore, 'waiting'>
  readonly github: GitHubAccess
  readonly sandboxes: SandboxProvider
  /** The agent for a run, and for the dummy agent why no model is used, one line per provider. */
  readonly agentFor: (run: Run) => Promise<{ readonly agent: Agent; readonly whyNoModel: readonly string[] }>
  readonly reporter: Pick<ProgressReporter, 'conclude'>
  readonly limits: AgentLimits
  /** Hosts that code in the sandbox may reach. */
  readonly egressHosts: readonly string[]
  /** Every credential of this process, for masking and for the gate. */
  readonly secrets: readonly string[]
  /** `https://github.com`, or the Enterprise Server's address. */
  readonly webUrl: string
  readonly runUrl: (runId: string) => string
  readonly langsmithEnabled: boolean
  /** Told of failures that nobody foresaw. */
  readonly onError: (error: unknown, facts: { readonly runId: string }) => void
  readonly now?: () => Date
  readonly pause?: Pause
  /** What git on the host is run with; default: the usual directories as `PATH`. */
  readonly hostEnvironment?: HostEnvironment
}
