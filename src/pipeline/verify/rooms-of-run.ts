import type { EffectStore } from '../../runs/store/effect-store.ts'
import type { SandboxProvider } from '../../sandbox/sandbox.ts'
import {
  type ReadCoverage,
  readCoverage as readCoverageHere,
} from '../../verify/line-coverage/read-coverage.ts'
import { type ReadReport, readReport as readReportHere } from '../../verify/reports/read-report.ts'
import type { Attempt } from '../attempt.ts'
import { type BaselineNames, createBaselineNames } from '../checks/baseline-names.ts'
import type { Journal } from '../journal.ts'
import { createCleanSandboxes } from '../sandbox/clean-sandboxes.ts'
import { createKeptParts, type KeptParts } from './kept-parts.ts'
import { createOpenRoom, type OpenRoom, type OpenRoomParts } from './open-room.ts'
import { roomsAtOnce } from './rooms-at-once.ts'
import { createVerifier, type Verifier } from './verifier.ts'

/** The clean rooms of one run. Disposing of them ends verifications in the background. */
export interface RoomsOfRun extends AsyncDisposable {
  readonly verifier: Verifier
  readonly openRoom: OpenRoom
  readonly kept: KeptParts
  readonly names: BaselineNames
}

interface RoomsParts extends Omit<OpenRoomParts, 'sandboxes' | 'journal'> {
  readonly attempt: Attempt
  readonly journal: Journal
  readonly effects: EffectStore
  readonly hideHome: (home: string) => void
  readonly giveBack: () => void
  readonly onError: (error: unknown) => void
  /** Default: on the main thread, for tests. */
  readonly readReport: ReadReport | undefined
  readonly readCoverage: ReadCoverage | undefined
}

export function openRoomsOf(provider: SandboxProvider, parts: RoomsParts): RoomsOfRun {
  const { attempt, journal, effects, hideHome, giveBack, onError, cloner, setupCache, rules } = parts
  const { readReport = async (input) => readReportHere(input) } = parts
  const { readCoverage = async (input) => readCoverageHere(input) } = parts
  const sandboxes = createCleanSandboxes(provider, { attempt, hideHome })
  const kept = createKeptParts(effects, attempt)
  const openRoom = createOpenRoom({ sandboxes, cloner, setupCache, rules, journal })
  const names = createBaselineNames(effects, attempt, readReport)
  const verifier = createVerifier({
    attempt,
    journal,
    onError,
    giveBack,
    kept,
    names,
    readCoverage,
    openRoom,
    atOnce: roomsAtOnce(provider),
  })
  return {
    verifier,
    openRoom,
    kept,
    names,
    async [Symbol.asyncDispose]() {
      await verifier[Symbol.asyncDispose]()
      await sandboxes[Symbol.asyncDispose]()
    },
  }
}
