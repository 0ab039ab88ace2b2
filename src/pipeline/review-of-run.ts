import { inEnvironment } from '../checks/environment/environment.ts'
import { lessOf } from '../checks/verify-mode.ts'
import type { CommitTexts } from '../github/commit-texts.ts'
import type { Attempt } from './attempt.ts'
import type { KeptConventions } from './conventions/read-conventions.ts'
import { createChangeReview } from './gate/change-review.ts'
import { createAllowListReader } from './gate/read-allow-list.ts'
import type { Journal } from './journal.ts'
import { createMergeChange } from './merge/merge-change.ts'
import type { RunServices } from './run-services.ts'
import { pinEnvironment } from './sandbox/project-environment.ts'
import { wakeServices } from './setup/begin-services.ts'
import { cleanRoomsFor } from './verify/clean-rooms.ts'
import type { RoomsOfRun } from './verify/rooms-of-run.ts'
import type { SandboxSteps } from './work-in-sandbox.ts'

interface ReviewParts {
  readonly services: RunServices
  readonly attempt: Attempt
  readonly journal: Journal
  /** Credentials of this process, and tokens minted for this run. */
  readonly secrets: () => readonly string[]
  readonly rooms: Pick<RoomsOfRun, 'verifier'>
  readonly texts: Pick<CommitTexts, 'read'>
  /** What the repository's rules refuse. */
  readonly conventions: Pick<KeptConventions, 'known'>
}

/** How the changes of one run are looked at, once its sandbox is ready. */
export function createReviewOf(parts: ReviewParts): SandboxSteps['reviewOf'] {
  const { services, attempt, journal, secrets, rooms, texts, conventions } = parts
  const { compareInThread, searchInThread, steerInThread, verify = { mode: 'off' } as const } = services
  const { signal } = attempt

  return ({ workspace, project, environment, repo, merge: prepared, locks }, from, unverified) => {
    const { access, baseTree } = from
    const pinned = pinEnvironment(workspace.sandbox, environment)
    const place = { ...workspace, sandbox: inEnvironment(pinned, repo) }
    const merge = prepared && createMergeChange(prepared, baseTree, locks)
    // Whether tests fail without their source was a question about the pull request, not about its merge.
    const asked = merge ? lessOf('checks', repo.verify) : repo.verify
    return createChangeReview(place, project, {
      baseTree: merge?.listing ?? baseTree,
      merge,
      wakeServices: () => wakeServices(place, repo, { journal, signal }),
      cleanRooms: cleanRoomsFor(rooms.verifier, { from, project, modes: [verify.mode, asked], unverified }),
      attempt,
      journal,
      secrets,
      sizes: services.files,
      pushRules: () => conventions.known().pushRules,
      readAllowList: createAllowListReader(access, { texts, commit: workspace.base.trustedSha }),
      compareInThread,
      searchInThread,
      steerInThread,
    })
  }
}
