import type { AgentLimits } from '../agent/agent.ts'
import type { AuditLog } from '../audit/audit-log.ts'
import type { OperatorMinutes } from '../checks/command-limits.ts'
import type { VerifyMode } from '../checks/verify-mode.ts'
import type { GitHubAccess } from '../github/github-access.ts'
import type { Spawner } from '../processes/spawner.ts'
import type { ReceiptIssuer } from '../receipts/receipt-issuer.ts'
import type { FollowUpStore } from '../runs/follow-ups/follow-up-store.ts'
import type { RunLog } from '../runs/log/run-log.ts'
import type { EffectStore } from '../runs/store/effect-store.ts'
import type { RunStore } from '../runs/store/run-store.ts'
import type { SandboxProvider } from '../sandbox/sandbox.ts'
import type { SetupCache } from '../setup-cache/setup-cache.ts'
import type { Pause } from '../time/pause.ts'
import type { ReadCoverage } from '../verify/line-coverage/read-coverage.ts'
import type { ReadReport } from '../verify/reports/read-report.ts'
import type { AgentFor, AgentRules } from './agent/choose-agent.ts'
import type { RunTracing } from './attempt.ts'
import type { DescribeInThread } from './checkpoint/patch.ts'
import type { HostEnvironment } from './clone/host-git.ts'
import type { CompareInThread } from './collect/create-comparison.ts'
import type { SearchInThread } from './gate/search-bytes.ts'
import type { SteerInThread } from './gate/steering.ts'
import type { HasOpened } from './publish/offer-settings.ts'
import type { ProgressReporter } from './report/report-progress.ts'
import type { RepositoryRules } from './setup/repository-rules.ts'

/** What all runs share. Only `createExecuteRun` takes it; the parts of a run take the few things they need. */
export interface RunServices {
  readonly store: RunStore
  readonly log: RunLog
  readonly audit: Pick<AuditLog, 'append'>
  readonly effects: EffectStore
  /** Undefined if changes get no receipts. */
  readonly receipts?: ReceiptIssuer | undefined
  /** What people add to a run while it works. */
  readonly followUps: Pick<FollowUpStore, 'waiting'>
  readonly github: GitHubAccess
  readonly sandboxes: SandboxProvider
  readonly agentFor: AgentFor
  /** The agent that works when a request and its repository name none, and those that they may name; default: builtin, all. */
  readonly agentRules?: AgentRules | undefined
  readonly reporter: Pick<ProgressReporter, 'conclude'>
  /** Undefined if nothing is kept for later runs. */
  readonly setupCache?: SetupCache | undefined
  /** How long the sandbox of a run waits that ended with a question or a plan, if it can be paused; default: 0. */
  readonly pauseHours?: number | undefined
  readonly limits: AgentLimits
  /**
   * Bytes of the largest file that is published (default: 10 MiB) and of what a sandbox gets from Git LFS (default: all), and lines of
   * a change (default: 20,000).
   */
  readonly files?:
    | {
        readonly fileBytes: number
        readonly lfsBytes?: number | undefined
        readonly lines?: number | undefined
      }
    | undefined
  /** For the commands of a repository. */
  readonly commandMinutes: OperatorMinutes
  /** What is verified in clean sandboxes, and how many minutes of a run that may take; default: nothing. */
  readonly verify?: { readonly mode: VerifyMode; readonly minutes: number } | undefined
  /** Hosts that code in the sandbox may reach, whatever the repository. */
  readonly egressHosts: readonly string[]
  /** What a repository may decide about its sandbox; default: nothing. */
  readonly repositoryRules?: Pick<RepositoryRules, 'egress' | 'templates'> | undefined
  /** Every credential of this process, for masking and for the gate. */
  readonly secrets: readonly string[]
  /** `https://github.com`, or the Enterprise Server's address. */
  readonly webUrl: string
  /** The page of a run; undefined when only this machine could open it. */
  readonly runUrl: (runId: string) => string | undefined
  /** Hosts that text of a model may link to, besides GitHub's and those of the request. */
  readonly linkHosts?: readonly string[] | undefined
  /** In front of the names of new branches; default: `backspace/`. */
  readonly branchPrefix?: string | undefined
  /** Decides which pull requests offer a settings file; default: none does. */
  readonly hasOpened?: HasOpened | undefined
  /** Undefined if no run is traced. */
  readonly tracing?: RunTracing | undefined
  /** Called with unforeseen failures. */
  readonly onError: (error: unknown, facts: { readonly runId: string }) => void
  /** Compares large files without stopping the main thread. */
  readonly compareInThread?: CompareInThread | undefined
  readonly searchInThread?: SearchInThread | undefined
  readonly steerInThread?: SteerInThread | undefined
  /** Reads the reports of tests; default: on the main thread. */
  readonly readReport?: ReadReport | undefined
  /** Reads coverage; default: on the main thread. */
  readonly readCoverage?: ReadCoverage | undefined
  readonly describeInThread?: DescribeInThread | undefined
  readonly now?: () => Date
  readonly pause?: Pause
  /** Runs git on the host. */
  readonly spawner: Spawner
  /** What git on the host runs with; default: the usual directories as `PATH`. */
  readonly hostEnvironment?: HostEnvironment
}
