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

/** What is around a Backspace in its process. */
export interface ProcessSurroundings {
  /** What one before it handed over. */
  readonly from?: HandedOver | undefined
  /** Says something to the person at the terminal that belongs in no log. */
  readonly say?: ((text: string) => void) | undefined
}
