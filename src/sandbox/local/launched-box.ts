import type { Forward } from '../forwarding.ts'
import type { RefusedHost } from '../refused-host.ts'
import type { EgressPolicy } from '../sandbox.ts'
import type { BoxProcess } from './box-process.ts'
import type { HomeMapping } from './home-mapping.ts'
import type { HostUser } from './host-user.ts'

/** A running box, confined or not. */
export interface LaunchedBox {
  readonly process: BoxProcess
  /** How paths are shown, if the home is not really at `/home/user`. */
  readonly mapping: HomeMapping | undefined
  setEgress(policy: EgressPolicy): Promise<void>
  readonly forward: Forward
  /** Directory of the host with all files of its home; undefined if no single directory has them. */
  readonly home: string | undefined
  /** Undefined if egress is not controlled. */
  refusedHosts?(): readonly RefusedHost[]
  /** Frees the host's resources of the box, after its processes have ended. */
  release(): Promise<void>
}

/** A box to be launched. */
export interface NewBox {
  readonly boxId: string
  /** Private directory of this box on the host. */
  readonly directory: string
  /** What its home begins with, and the user that owns it. */
  readonly snapshot?: { readonly home: string; readonly user: HostUser | undefined } | undefined
}

export type LaunchBox = (box: NewBox) => Promise<LaunchedBox>
