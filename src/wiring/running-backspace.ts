import type { ShiftBook } from '../runs/admission/shift-book.ts'
import type { Logger } from '../telemetry/logger.ts'
import type { WebServer } from '../web/serve-app.ts'
import type { SetupDoor } from '../web/setup/setup-door.ts'

/** The whole product, built and ready to start. */
export interface Backspace {
  /** Listens, then starts to work. Returns the public address; a worker returns its own, which has no pages. */
  start(): Promise<{ readonly url: string }>
  /** Accepts nothing new, gives runs `graceMs` milliseconds to finish, hands the others over, and closes everything. */
  stop(graceMs: number): Promise<void>
  /** Like `stop`, but keeps listening: requests wait for the next Backspace, which is built with the result. */
  handOver(graceMs: number): Promise<HandedOver>
  /** For a caller that starts workers which may live only for minutes. */
  readonly shifts: ShiftBook
  /** Whether a run, a webhook or a chore is in progress. */
  isBusy(): boolean
  /** Resolves when no query and no transaction is in progress. */
  settled(): Promise<void>
  /** Why this process cannot execute runs, for its log; undefined if it can, or is not meant to. */
  missingSandboxes(): Promise<string | undefined>
  readonly logger: Logger
  /** Resolves when the embedded database has crashed. Only a new process can open it again. */
  readonly crashed: Promise<unknown>
  /** Resolves when the setup page has stored other settings: read them, and let the next Backspace take over. */
  readonly outdated: Promise<void>
}

/** What keeps running while everything else is built again with other settings. */
export interface HandedOver {
  readonly server: WebServer
  readonly door: SetupDoor
}

/** What takes the place of a port and a long life when this process is a function. */
export interface FunctionHost {
  /** Takes the place of a server that listens. */
  readonly server: WebServer
  /** Id of a worker that has claimed a place; see `ShiftBook`. */
  readonly workerId?: string | undefined
  /** Milliseconds after which an event stream ends. Its reader then connects again. */
  readonly longestStreamMs?: number | undefined
}

/** The process around a Backspace. */
export interface ProcessSurroundings {
  /** What the Backspace before it handed over. */
  readonly from?: HandedOver | undefined
  /** Prints something for the person at the terminal that does not belong in a log. */
  readonly say?: ((text: string) => void) | undefined
  /** Set if the process is a function. */
  readonly host?: FunctionHost | undefined
}
