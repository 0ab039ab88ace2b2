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
  /** Holds the repository's push rules, which the gate applies. */
  readonly conventions: Pick<KeptConventions, 'known'>
}

/** Makes the function that creates the review of a run's changes once its sandbox is ready. */
export function createReviewOf(parts: ReviewParts): SandboxSteps['reviewOf'] {
  const { services, attempt, journal, secrets, rooms, texts, conventions } = parts
  const { compareInThread, searchInThread, steerInThread, verify = { mode: 'off' } as const } = services
  const { signal } = attempt

  return ({ workspace, project, environment, repo, merge: prepared, locks }, from, unverified) => {
    const { access, baseTree } = from
    const pinned = pinEnvironment(workspace.sandbox, environment)
    const place = { ...workspace, sandbox: inEnvironment(pinned, repo) }
    const merge = prepared && createMergeChange(prepared, baseTree, locks)
    // The full proof (do tests fail without the change?) concerns the pull request itself. For a merge, checks are enough.
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
