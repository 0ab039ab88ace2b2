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

/**
 * The services that all runs share. Only `execute-run` and the files that put a run together for it take all of them; each
 * part of a run takes what it needs.
 */
export interface RunServices {
  readonly store: RunStore
  readonly log: RunLog
  readonly audit: Pick<AuditLog, 'append'>
  readonly effects: EffectStore
  /** Undefined when changes get no receipts. */
  readonly receipts?: ReceiptIssuer | undefined
  /** Holds what people add to a run while it works. */
  readonly followUps: Pick<FollowUpStore, 'waiting'>
  readonly github: GitHubAccess
  readonly sandboxes: SandboxProvider
  readonly agentFor: AgentFor
  /** The default agent, and the agents that a request or a repository may choose. Default: `builtin`, and all of them. */
  readonly agentRules?: AgentRules | undefined
  readonly reporter: Pick<ProgressReporter, 'conclude'>
  /** Undefined when setups are not kept for later runs. */
  readonly setupCache?: SetupCache | undefined
  /** Hours for which a pausable sandbox is kept after its run ended with a question or a plan. Default: 0. */
  readonly pauseHours?: number | undefined
  readonly limits: AgentLimits
  /**
   * Limits: bytes of the largest file that is published (default: 10 MiB), bytes that a sandbox gets from Git LFS
   * (default: no limit), and lines of a change (default: 20,000).
   */
  readonly files?:
    | {
        readonly fileBytes: number
        readonly lfsBytes?: number | undefined
        readonly lines?: number | undefined
      }
    | undefined
  /** How long the commands of a repository may take. */
  readonly commandMinutes: OperatorMinutes
  /** What clean sandboxes verify, and how many minutes of a run that may take. Default: nothing is verified. */
  readonly verify?: { readonly mode: VerifyMode; readonly minutes: number } | undefined
  /** Hosts that code in every sandbox may reach. */
  readonly egressHosts: readonly string[]
  /** What a repository may decide about its sandbox. Default: nothing. */
  readonly repositoryRules?: Pick<RepositoryRules, 'egress' | 'templates'> | undefined
  /** Every credential of this process, for masking and for the gate. */
  readonly secrets: readonly string[]
  /** `https://github.com`, or the address of the GitHub Enterprise Server. */
  readonly webUrl: string
  /** URL of a run's page; undefined when only this machine could open it. */
  readonly runUrl: (runId: string) => string | undefined
  /** Hosts that a model's text may link to, besides GitHub and the hosts named in the request. */
  readonly linkHosts?: readonly string[] | undefined
  /** Prefix for the names of new branches. Default: `backspace/`. */
  readonly branchPrefix?: string | undefined
  /** Only the first pull request in a repository offers a settings file. Default: none does. */
  readonly hasOpened?: HasOpened | undefined
  /** Undefined when no run is traced. */
  readonly tracing?: RunTracing | undefined
  /** Called with every unexpected failure. */
  readonly onError: (error: unknown, facts: { readonly runId: string }) => void
  /** Compares large files without blocking the main thread. */
  readonly compareInThread?: CompareInThread | undefined
  readonly searchInThread?: SearchInThread | undefined
  readonly steerInThread?: SteerInThread | undefined
  /** Reads test reports. Default: on the main thread. */
  readonly readReport?: ReadReport | undefined
  /** Reads coverage reports. Default: on the main thread. */
  readonly readCoverage?: ReadCoverage | undefined
  readonly describeInThread?: DescribeInThread | undefined
  readonly now?: () => Date
  readonly pause?: Pause
  /** Runs git on the host. */
  readonly spawner: Spawner
  /** Environment of git on the host. Default: only `PATH`, with the usual directories. */
  readonly hostEnvironment?: HostEnvironment
}
