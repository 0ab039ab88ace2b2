import type { CreatedApp } from '../../github/convert-manifest.ts'
import type { ChecklistLine } from '../../readiness/checklist.ts'
import type { Keeping, SetupDoor } from './setup-door.ts'

/** The dependencies of the setup page. All of its effects on the outside go through these. */
export interface SetupDeps {
  /** Whether there is no GitHub credential yet. Without one, only the setup works. */
  readonly isNeeded: boolean
  readonly hasApp: boolean
  readonly door: SetupDoor
  readonly readChecklist: () => Promise<readonly ChecklistLine[]>
  /** Tries, in the background, the parts whose try costs money. */
  readonly lookAtPaid: () => Promise<void>
  /**
   * Asks GitHub to deliver a webhook once more.
   *
   * @param attempt id of the delivery attempt, as a finding names it.
   * @throws {BackspaceError} `not_found`, `github_unavailable` …
   */
  readonly redeliver: (attempt: number) => Promise<void>
  /** The most that the paid tries cost, as a sentence. */
  readonly priceOfLooks: () => Promise<string>
  /** Path that GitHub delivers webhooks to. */
  readonly webhookPath: string
  /** The setting PUBLIC_URL. */
  readonly configuredUrl: string | undefined
  /** Port that the service listens on, for the commands of tunnels. */
  readonly port: () => number
  /** Whether a file in DATA_DIR reaches all processes that need the App. */
  readonly canStore: boolean
  /** Which choice the page proposes. With a database elsewhere, DATA_DIR may be lost with its container. */
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
   * Stores the App in DATA_DIR and starts to use it: the service restarts in the same process while requests wait.
   *
   * @throws {BackspaceError} `unavailable`
   */
  readonly store: (app: CreatedApp) => void
}
