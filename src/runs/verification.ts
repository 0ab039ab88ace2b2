/**
 * What the host found out about one change in sandboxes that no agent ever entered. It holds facts alone and is stored
 * in this format; `verdictOf` says what the facts mean.
 */
export interface Verification {
  /** `checks`: only the checks ran; regression and necessity were not examined. */
  readonly mode: 'full' | 'checks'
  /** Name of the branch that the change is compared with, to show to people. */
  readonly baseBranch: string
  readonly baseSha: string
  /** Git's id of the verified tree: the tree of the base commit with exactly the files that the gate let through. */
  readonly tree: string
  /** Why nothing could be verified, and what to do about it, as one sentence for people; absent if the checks ran. */
  readonly unverified?: string | undefined
  /** In the order of the commands. */
  readonly checks: readonly VerifiedCheck[]
  readonly regression?: Regression | undefined
  readonly necessity?: Necessity | undefined
  /** Absent if no source was changed, and in verifications that are older than this field. */
  readonly coverage?: Coverage | undefined
  /** Changed parts of the repository that no check covers. */
  readonly notChecked: readonly NotChecked[]
  /**
   * How the agent's workspace and the clean sandbox disagree, and which settings in the change do not count; sentences
   * for people.
   */
  readonly differences: readonly string[]
  readonly rooms: readonly RoomFacts[]
}

/** One check of the repository at the base commit and on the change. */
export interface VerifiedCheck {
  readonly command: string
  /** Folder of the project that it checks, relative to the root; empty for the root. */
  readonly folder: string
  /**
   * - `passes`, `fixed`: exit code 0 on the change; `fixed` if it failed before.
   * - `newly_failing`: a test that did not fail before fails now; without names of tests: the check passed before.
   * - `still_failing`: it fails, and exactly the tests that failed before fail; see also `redWords`.
   * - `cannot_tell`: it fails before and after, and its named tests do not explain why.
   * - `flaky`: it failed, then passed on the same files.
   * - `no_proof`: it could not run or did not end.
   */
  readonly verdict:
    | 'passes'
    | 'fixed'
    | 'newly_failing'
    | 'still_failing'
    | 'cannot_tell'
    | 'flaky'
    | 'no_proof'
  /** Undefined if the names of the tests cannot be read from both runs of the check. */
  readonly tests?: TestComparison | undefined
  /** What a check says that failed before and fails now without a failing test, in the same words. Untrusted. */
  readonly redWords?: NameList | undefined
  /**
   * Present only if the change edits what decides how the check runs, and the check gives another result without these
   * edits.
   */
  readonly steered?: SteeredCheck | undefined
}

/** For people, in the place of the verdict of a check with `steered`: that it passes says nothing by itself. */
export const DEPENDS_ON_EDITS = 'depends on edits of how it runs'

/** The result of a check that runs on the change, but in the way it ran before. */
export interface SteeredCheck {
  /** The files of the change that decide how the check runs. */
  readonly files: NameList
  /** Tests of before that pass on the change and fail without the edits; absent if their names cannot be read. */
  readonly failing?: NameList | undefined
  /** Why the check was not run the old way, as the end of a sentence; absent if it was. */
  readonly reason?: string | undefined
}

/** The named tests of one check, before and after. */
export interface TestComparison {
  readonly before: TestCounts
  readonly after: TestCounts
  readonly newlyFailing: NameList
  readonly newlyPassing: NameList
  readonly stillFailing: NameList
  /** Tests that passed before and are skipped now. */
  readonly newlySkipped: NameList
  /** Tests that were reported before and are not reported now. */
  readonly missing: NameList
  /** Tests that are reported now and were not reported before. */
  readonly added: NameList
}

export interface TestCounts {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

/** Names from test reports, which are untrusted. */
export interface NameList {
  readonly count: number
  /** The first names, at most as many as are worth showing. */
  readonly names: readonly string[]
}

/** What the change's tests say when they run on the source of the base commit. */
export interface Regression {
  /**
   * - `fails_on_base`: tests that pass on the change were collected there and failed.
   * - `exit_code_only`: the check failed there and passes on the change; the names of its tests cannot be read.
   * - `passes_on_base`: each of them passes there as well.
   * - `does_not_build`: the source of the base commit does not build with these tests.
   * - `not_collected`: the tests are not reported there, though other tests are.
   * - `no_tests`: the change adds and edits no test. `no_source`: it changes nothing but tests and texts.
   * - `skipped`: see `reason`.
   */
  readonly verdict:
    | 'fails_on_base'
    | 'exit_code_only'
    | 'passes_on_base'
    | 'does_not_build'
    | 'not_collected'
    | 'no_tests'
    | 'no_source'
    | 'skipped'
  /** Tests that pass on the change and fail on the base's source. */
  readonly held: NameList
  /** Tests that the change adds and that pass on the base's source as well. */
  readonly loose: NameList
  /**
   * Tests that failed before the change and pass on the base's source, so the edits of the tests alone make them pass.
   * Absent in older verifications.
   */
  readonly byTestsAlone?: NameList | undefined
  readonly reason?: string | undefined
}

/** Whether a test notices when a hunk of source is reverted; each hunk is reverted alone. */
export interface Necessity {
  /** Number of hunks of source in the change. */
  readonly hunks: number
  readonly tried: number
  /** Number of hunks without which at least one test failed. */
  readonly held: number
  /** Which tests needed each of the `held` hunks. Absent in older verifications. */
  readonly needed?: readonly NeededHunk[] | undefined
  /** The hunks that no test needs. */
  readonly loose: readonly LooseHunk[]
  /** Why some hunks were not tried. */
  readonly reason?: string | undefined
}

export interface NeededHunk {
  readonly path: string
  /** First and last line of the hunk in the changed file. */
  readonly from: number
  readonly to: number
  /** The first check that newly failed without the hunk. */
  readonly command: string
  /** The tests of `command` that newly failed; absent if their names cannot be read. */
  readonly tests?: NameList | undefined
}

export interface LooseHunk {
  readonly path: string
  /** First and last line of the hunk in the changed file. */
  readonly from: number
  readonly to: number
  /** Unified diff of the hunk, bounded. */
  readonly diff: string
}

/** Which changed lines of source ran under the checks, according to the repository's own coverage tool. */
export interface Coverage {
  /** Number of changed lines that a report counts as code. */
  readonly lines: number
  /** How many of `lines` ran at least once. */
  readonly run: number
  /** The first lines that did not run. */
  readonly missed: readonly MissedLines[]
  /** Changed files that no report names, or in which no line ran. */
  readonly unmeasured: NameList
  /** Why nothing was measured, as the end of a sentence. */
  readonly reason?: string | undefined
}

/** Consecutive lines of the changed file, `from` and `to` included. */
export interface MissedLines {
  readonly path: string
  readonly from: number
  readonly to: number
}

export interface NotChecked {
  /** Folder or file, relative to the root; empty for the root. */
  readonly path: string
  /** The end of a sentence for people: `no check covers it`, `pytest is not installed`. */
  readonly reason: string
}

/** One clean sandbox. */
export interface RoomFacts {
  readonly name: 'base' | 'head' | 'regression'
  readonly durationMs: number
  readonly setupMs: number
  /** True if setup came from the setup cache. */
  readonly cached: boolean
}
