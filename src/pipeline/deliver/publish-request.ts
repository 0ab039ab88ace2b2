import type { Run, RunProgress } from '../../runs/run.ts'
import type { ChangedFile } from '../changes/change-list.ts'
import type { Base } from '../workspace/workspace.ts'

/** A change that has passed the gate, on its way to a branch. */
export interface PublishRequest {
  readonly run: Run
  readonly base: Base
  readonly files: readonly ChangedFile[]
  readonly message: string
  /** Name of a new branch; not used when the run stands in a pull request. */
  readonly branch: string
  /** Remembers what was done, so that a restart finds it instead of doing it again. */
  readonly saveProgress: (patch: RunProgress) => Promise<void>
}

/** A commit that a branch points at. */
export interface Published {
  readonly branch: string
  readonly commitSha: string
  /** `owner:branch`; the owner is another one when the branch is in a fork. */
  readonly head: string
}
