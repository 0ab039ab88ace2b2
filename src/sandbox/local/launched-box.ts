import type { Forward } from '../forwarding.ts'
import type { RefusedHost } from '../refused-host.ts'
import type { EgressPolicy } from '../sandbox.ts'
import type { BoxProcess } from './box-process.ts'
import type { HomeMapping } from './home-mapping.ts'
import type { HostUser } from './host-user.ts'

/** A running box, confined or not. */
export interface LaunchedBox {
  readonly process: BoxProcess
  /** How paths are shown; undefined if the home really is at `/home/user`. */
  readonly mapping: HomeMapping | undefined
  setEgress(policy: EgressPolicy): Promise<void>
  readonly forward: Forward
  /** Directory of the host that has all files of the box's home; undefined if no single directory has them. */
  readonly home: string | undefined
  /** Undefined if egress is not controlled. */
  refusedHosts?(): readonly RefusedHost[]
  /** Frees what the box uses on the host. Call it after the processes of the box have ended. */
  release(): Promise<void>
}

/** A box to be launched. */
export interface NewBox {
  readonly boxId: string
  /** Private directory of this box on the host. */
  readonly directory: string
  /** The snapshot that the home starts from, and the user that owns it; undefined for an empty home. */
  readonly snapshot?: { readonly home: string; readonly user: HostUser | undefined } | undefined
}

export type LaunchBox = (box: NewBox) => Promise<LaunchedBox>
