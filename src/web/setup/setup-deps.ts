import type { CreatedApp } from '../../github/convert-manifest.ts'
import type { ChecklistLine } from '../../readiness/checklist.ts'
import type { Keeping, SetupDoor } from './setup-door.ts'

/** What the setup page can do; everything outside goes through these. */
export interface SetupDeps {
  /** Whether there is no GitHub credential yet, so that nothing else works. */
  readonly isNeeded: boolean
  readonly hasApp: boolean
  readonly door: SetupDoor
  readonly readChecklist: () => Promise<readonly ChecklistLine[]>
  /** Looks at the parts that cost money, in the background. */
  readonly lookAtPaid: () => Promise<void>
  /**
   * Asks GitHub to deliver a webhook once more. @param attempt as a finding names it.
   *
   * @throws {BackspaceError} `not_found`, `github_unavailable` …
   */
  readonly redeliver: (attempt: number) => Promise<void>
  /** Before the paid looks: what they cost at most. */
  readonly priceOfLooks: () => Promise<string>
  /** Path that GitHub delivers webhooks to. */
  readonly webhookPath: string
  /** PUBLIC_URL. */
  readonly configuredUrl: string | undefined
  /** Port that the service listens on, for the commands of tunnels. */
  readonly port: () => number
  /** Whether DATA_DIR keeps files for the processes that need the App. */
  readonly canStore: boolean
  /** What the page proposes: with a database elsewhere, DATA_DIR may end with its container. */
  readonly usualKeeping: Keeping
  /** The manifest as JSON, and the address at GitHub that it is posted to. */
  readonly manifest: (wishes: {
    readonly name: string
    readonly webhookUrl: string
    /** Address of this service as the browser reaches it. */
    readonly base: string
    readonly organization: string | undefined
  }) => { readonly json: string; readonly target: string }
  /**
   * Exchanges GitHub's code for the App.
   *
   * @throws {BackspaceError} `not_found`, `github_unavailable` …
   */
  readonly convert: (code: string) => Promise<CreatedApp>
  /**
   * Keeps the App in DATA_DIR and takes it into use: the service starts again in the same process, and requests wait.
   *
   * @throws {BackspaceError} `unavailable`
   */
  readonly store: (app: CreatedApp) => void
}
