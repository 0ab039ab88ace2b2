import type { CheckResult } from '../../checks/run-checks.ts'
import { lessOf, type VerifyMode } from '../../checks/verify-mode.ts'
import type { VerifiedFile } from '../../verify/verified-file.ts'
import type { AddDifferences, Verifier } from './verifier.ts'
import type { Verified, VerifyRequest } from './verify-change.ts'

/** Verifies a run's change once it is known. */
export interface CleanRooms {
  /**
   * Begins the verification in the background: after its self-review the agent usually ends with these files.
   *
   * @param elsewhere results of the checks on these files in the agent's workspace.
   */
  begin(files: readonly VerifiedFile[], elsewhere: readonly CheckResult[]): void
  /** The step `verify`. */
  verify(
    files: readonly VerifiedFile[],
    elsewhere: readonly CheckResult[],
    addDifferences: AddDifferences,
  ): Promise<Verified>
}

interface CleanRoomsFor extends Pick<VerifyRequest, 'from' | 'project'> {
  /** The modes that the operator and the base commit ask for. */
  readonly modes: readonly [VerifyMode, VerifyMode | undefined]
  /** A sentence for people on why nothing can be verified; undefined if it can. */
  readonly unverified: string | undefined
}

/** @returns undefined when verification is off. */
export function cleanRoomsFor(
  verifier: Verifier,
  { from, project, modes, unverified }: CleanRoomsFor,
): CleanRooms | undefined {
  const mode = lessOf(...modes)
  if (mode === 'off') return undefined
  return {
    begin: (files, elsewhere) => verifier.begin({ from, mode, project, files, elsewhere }),
    verify(files, elsewhere, addDifferences) {
      if (unverified !== undefined) return verifier.decline({ from, mode }, unverified)
      return verifier.verify({ from, mode, project, files, elsewhere }, addDifferences)
    },
  }
}
