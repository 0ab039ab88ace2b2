/**
 * What the host found out about one change in sandboxes that no agent ever entered. Facts alone, a stored format; `verdictOf`
 * says what they mean.
 */
export interface Verification {
  /** `checks`: no regression and no necessity were looked for. */
  readonly mode: 'full' | 'checks'
  /** Name of the branch that the change is compared with, for people. */
  readonly baseBranch: string
  readonly baseSha: string
  /** Git's id of the tree that was verified: that of the base commit, with exactly the files that the gate let through. */
  readonly tree: string
  /** Why nothing could be verified, one sentence for people with what to do; absent if the checks ran. */
  readonly unverified?: string | undefined
  /** In the order of the commands. */
  readonly checks: readonly VerifiedCheck[]
  readonly regression?: Regression | undefined
  readonly necessity?: Necessity | undefined
  /** Absent if no source was changed, and in verifications of before there was one. */
  readonly coverage?: Coverage | undefined
  /** Changed parts of the repository that no check covers. */
  readonly notChecked: readonly NotChecked[]
  /** Where the agent's workspace and the clean sandbox disagree, and settings of the change that do not count yet; sentences. */
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
   * - `still_failing`: it fails, and exactly the tests that failed before fail.
   * - `cannot_tell`: it fails before and after, and the names of the failing tests are not known.
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
  /** Undefined if the names of the tests cannot be read from both runs. */
  readonly tests?: TestComparison | undefined
  /** Absent unless the change edits what decides how the check runs, and a run without these edits says otherwise, or nothing. */
  readonly steered?: SteeredCheck | undefined
}

/** What a check says of the change if it runs as it did before. */
export interface SteeredCheck {
  /** Files of the change that decide how it runs. */
  readonly files: NameList
  /** Tests that passed before, and fail or do not run then; absent if their names cannot be read. */
  readonly failing?: NameList | undefined
  /** Why it was not run as before, the rest of a sentence; absent if it was. */
  readonly reason?: string | undefined
}

/** The named tests of one check, before and after. */
export interface TestComparison {
  readonly before: TestCounts
  readonly after: TestCounts
  readonly newlyFailing: NameList
  readonly newlyPassing: NameList
  readonly stillFailing: NameList
  /** Passed before, and are skipped now. */
  readonly newlySkipped: NameList
  /** Were reported before, and are not now. */
  readonly missing: NameList
  /** Are reported now, and were not before. */
  readonly added: NameList
}

export interface TestCounts {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

/** Untrusted names from reports. */
export interface NameList {
  readonly count: number
  /** The first ones. */
  readonly names: readonly string[]
}

/** The tests of the change on the source of the base commit. */
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
  /** Pass on the change and fail on the base's source. */
  readonly held: NameList
  /** Added by the change, and pass on the base's source as well. */
  readonly loose: NameList
  /** Failed before the change, and pass on the base's source: the change of these tests alone makes them pass. */
  readonly byTestsAlone?: NameList | undefined
  readonly reason?: string | undefined
}

/** Each hunk of source reverted alone: does a test notice? */
export interface Necessity {
  /** Hunks of source in the change. */
  readonly hunks: number
  readonly tried: number
  /** Without these at least one test failed. */
  readonly held: number
  /** What held each of those. Absent from what older versions found out. */
  readonly needed?: readonly NeededHunk[] | undefined
  /** No test fails without these. */
  readonly loose: readonly LooseHunk[]
  /** Why not all were tried. */
  readonly reason?: string | undefined
}

export interface NeededHunk {
  readonly path: string
  /** Lines in the file on the change. */
  readonly from: number
  readonly to: number
  /** The first check that newly failed without it. */
  readonly command: string
  /** Its tests that newly failed; absent if their names cannot be read. */
  readonly tests?: NameList | undefined
}

export interface LooseHunk {
  readonly path: string
  /** Lines in the file on the change. */
  readonly from: number
  readonly to: number
  /** Unified diff of the hunk, bounded. */
  readonly diff: string
}

/** Which of the changed lines of source ran under the checks, as the repository's own tool for coverage says. */
export interface Coverage {
  /** Changed lines that a report names as code. */
  readonly lines: number
  /** Of these, run at least once. */
  readonly run: number
  /** The first lines that were not run. */
  readonly missed: readonly MissedLines[]
  /** Changed files that no report names, or no line of them as run. */
  readonly unmeasured: NameList
  /** Why nothing was measured, the rest of a sentence. */
  readonly reason?: string | undefined
}

/** Lines one after the other in the file on the change; both ends count. */
export interface MissedLines {
  readonly path: string
  readonly from: number
  readonly to: number
}

export interface NotChecked {
  /** Folder or file, relative to the root; empty for the root. */
  readonly path: string
  /** The rest of a sentence for people: `no check covers it`, `pytest is not installed`. */
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
