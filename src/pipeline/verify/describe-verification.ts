import type { SteeredCheck, Verification, VerifiedCheck } from '../../runs/verification.ts'
import { nameList } from '../../verify/compare-tests.ts'
import { judgeCheck } from '../../verify/judge-check.ts'
import { judgeSteered } from '../../verify/judge-steered.ts'
import { unpackChecks } from '../../verify/pack-checks.ts'
import type { NamedCheck } from '../../verify/run-named-checks.ts'
import type { BasePart } from './check-base.ts'
import type { HeadPart } from './check-head.ts'
import type { VerifiedBase } from './open-room.ts'
import type { CheckRuns, ProofPart } from './prove-change.ts'

interface Found extends Pick<Verification, 'mode'> {
  readonly from: VerifiedBase
  readonly head: HeadPart
  /** Results on the base commit, as far as there are any. */
  readonly bases: readonly (BasePart | undefined)[]
  readonly runs: CheckRuns
  /** Undefined if no proof was asked for. */
  readonly proof: ProofPart | undefined
}

/** The facts of a verification, as they are stored. */
export async function describeVerification(found: Found): Promise<Verification> {
  const { from, mode, bases, head, runs, proof } = found
  const { before, first, again } = runs
  const checks: VerifiedCheck[] = []
  const steeredOf = await steeredChecks(head)
  for (const after of first) {
    const { command } = after.result
    const of = (some: readonly NamedCheck[]) => some.find(({ result }) => result.command === command)
    const judged = { before: of(before), after, again: of(again), isSteered: head.asBefore !== undefined }
    const check = await judgeCheck({ command, folder: head.folders[command] ?? '', ...judged })
    checks.push({ ...check, steered: judged.before && steeredOf(judged.before, after) })
  }
  const saysNothing =
    checks.length > 0 && checks.every(({ verdict }) => verdict === 'no_proof' || verdict === 'cannot_tell')
  return {
    mode,
    baseSha: from.base.sha,
    baseBranch: from.base.branch,
    tree: head.tree,
    unverified: saysNothing && head.setup.setupFailed ? head.setup.setup : undefined,
    checks,
    regression: proof?.regression,
    necessity: proof?.necessity,
    coverage: head.coverage,
    notChecked: unique(head.notChecked),
    differences: head.settings ?? [],
    rooms: [...bases, head, proof].map((part) => part?.room).filter((room) => room !== undefined),
  }
}

type SteeredOf = (before: NamedCheck, onChange: NamedCheck) => SteeredCheck | undefined

async function steeredChecks({ asBefore }: HeadPart): Promise<SteeredOf> {
  if (asBefore === undefined) return () => undefined
  const { files, reason } = asBefore
  const [checks, again] = [await unpackChecks(asBefore.checks), await unpackChecks(asBefore.again)]
  return (before, onChange) => {
    if (reason !== undefined) return { files: nameList(files), reason }
    const of = (some: readonly NamedCheck[]) =>
      some.filter(({ result }) => result.command === before.result.command)
    const [first, ...more] = [...of(checks), ...of(again)]
    return first && judgeSteered({ before, onChange, asBefore: [first, ...more], files })
  }
}

/** Each path once, with its first reason. */
function unique(parts: HeadPart['notChecked']): HeadPart['notChecked'] {
  return [...new Map(parts.toReversed().map((part) => [part.path, part])).values()].toReversed()
}

/** The facts of a verification that could not happen. @param reason a sentence for people. */
export function notVerified(
  { from: { base }, mode }: Pick<Found, 'from' | 'mode'>,
  reason: string,
): Verification {
  return {
    mode,
    baseSha: base.sha,
    baseBranch: base.branch,
    tree: '',
    unverified: reason,
    checks: [],
    notChecked: [],
    differences: [],
    rooms: [],
  }
}
