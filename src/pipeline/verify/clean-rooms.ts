import type { CheckResult } from '../../checks/run-checks.ts'
import { lessOf, type VerifyMode } from '../../checks/verify-mode.ts'
import type { VerifiedFile } from '../../verify/verified-file.ts'
import type { AddDifferences, Verifier } from './verifier.ts'
import type { Verified, VerifyRequest } from './verify-change.ts'

/** The verification of a run, before its change is known. */
export interface CleanRooms {
  /**
   * Begins in the background, since the agent only has to say once more that it is done.
   *
   * @param elsewhere what the agent's workspace said about these files.
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
  /** By the operator, and by the base commit. */
  readonly modes: readonly [VerifyMode, VerifyMode | undefined]
  /** Why nothing can be verified, a sentence for people; undefined if it can. */
  readonly unverified: string | undefined
}

/** @returns undefined if verification is off. */
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
