import type { ShiftBook } from '../runs/admission/shift-book.ts'
import type { Logger } from '../telemetry/logger.ts'
import type { WebServer } from '../web/serve-app.ts'
import type { SetupDoor } from '../web/setup/setup-door.ts'

/** The whole product, built but not yet listening. */
export interface Backspace {
  /** Listens, then starts to work. Returns the public address; for a worker its own, which has no pages. */
  start(): Promise<{ readonly url: string }>
  /** Takes nothing new, lets runs finish for `graceMs`, hands the others over, and closes everything. */
  stop(graceMs: number): Promise<void>
  /** Stops as well, but keeps listening: requests wait for the Backspace that is made next with what this returns. */
  handOver(graceMs: number): Promise<HandedOver>
  /** For a caller that starts workers which may work only for minutes. */
  readonly shifts: ShiftBook
  /** Whether it works on a run, a webhook or a chore now. */
  isBusy(): boolean
  /** Resolves when it has nothing under way in the database. */
  settled(): Promise<void>
  /** Why this process can execute no run, for its log; undefined if it can, or executes none. */
  missingSandboxes(): Promise<string | undefined>
  readonly logger: Logger
  /** Resolves when the embedded database has crashed; only a new process can use it again. */
  readonly crashed: Promise<unknown>
  /** Resolves when the setup page stored other settings: read them, and let the next Backspace take over. */
  readonly outdated: Promise<void>
}

/** What goes on while the rest is made again with other settings. */
export interface HandedOver {
  readonly server: WebServer
  readonly door: SetupDoor
}

/** What a function gives and takes, where a process has a port and its own life. */
export interface FunctionHost {
  /** In the place of one that listens. */
  readonly server: WebServer
  /** Of a worker that has its place; see `ShiftBook`. */
  readonly workerId?: string | undefined
  /** After that an event stream ends, and its reader comes back. */
  readonly longestStreamMs?: number | undefined
}

/** What is around a Backspace in its process. */
export interface ProcessSurroundings {
  /** What one before it handed over. */
  readonly from?: HandedOver | undefined
  /** Says something to the person at the terminal that belongs in no log. */
  readonly say?: ((text: string) => void) | undefined
  /** Of a function. */
  readonly host?: FunctionHost | undefined
}
