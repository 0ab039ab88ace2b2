import type { EgressPolicy, RefusedHost } from '../sandbox.ts'
import type { BoxProcess } from './box-process.ts'
import type { HomeMapping } from './home-mapping.ts'

/** A box that runs, in whichever way it is held. */
export interface LaunchedBox {
  readonly process: BoxProcess
  /** How paths are shown, where the home is not really at `/home/user`. */
  readonly mapping: HomeMapping | undefined
  setEgress(policy: EgressPolicy): Promise<void>
  /** Where egress is controlled at all. */
  refusedHosts?(): readonly RefusedHost[]
  /** Releases what the host holds for it; the processes have ended by then. */
  release(): Promise<void>
}

/** Where a box is to run. */
export interface BoxPlace {
  readonly boxId: string
  /** Private directory of this box on the host. */
  readonly directory: string
}

export type LaunchBox = (place: BoxPlace) => Promise<LaunchedBox>
