import type { VerifyReport } from '../agent.ts'
import type { FinishClaim } from '../tools/tool.ts'
import type { Ending } from './salvage-outcome.ts'

/** Why a claim does not hold, for the model, and what it is worth when the model insists. */
export interface Objection {
  readonly text: string
  readonly insisted: Partial<Pick<Ending, 'kind' | 'reason' | 'code'>>
}

/** What a look at the facts behind a claim has brought. */
export interface Examined {
  readonly objection?: Objection
  /** What the host found, when it ran its checks on the change. */
  readonly verified?: VerifyReport
}

/** @param facts.told warnings that the model has heard before: it may have its reasons, and is not asked twice. */
export async function findObjection(
  { outcome }: FinishClaim,
  facts: {
    readonly hasChanged: () => Promise<boolean>
    readonly verify: () => Promise<VerifyReport>
    readonly told: ReadonlySet<string>
  },
): Promise<Examined> {
  if (outcome === 'blocked') return {}
  const changed = await facts.hasChanged()
  if (outcome === 'no_change') return changed ? { objection: LEFTOVERS } : {}
  if (!changed) return { objection: NOTHING_CHANGED }
  if (outcome === 'partial') return {}
  const verified = await facts.verify()
  if (verified.refused !== undefined) return { verified, objection: refused(verified.refused) }
  if (!verified.ok) return { verified, objection: newFailure(verified) }
  const isNew = (verified.warnings ?? []).some((warning) => !facts.told.has(warning))
  return isNew ? { verified, objection: suspicious(verified) } : { verified }
}

function refused(why: string): Objection {
  return {
    text: `This change cannot be published as it is. ${why} Mend that, or finish with "partial" and say why.`,
    insisted: { kind: 'partial', reason: 'What the agent left cannot be published.', code: 'agent_stuck' },
  }
}

function newFailure({ report }: VerifyReport): Objection {
  return {
    text: `Something fails that did not fail before your change. Fix it, or finish with "partial" and say why.\n\n${report}`,
    insisted: { kind: 'partial', reason: 'Its own checks still fail.', code: 'agent_stuck' },
  }
}

/** The reviewer reads the same warnings in the pull request, so insisting hides nothing. */
function suspicious({ report }: VerifyReport): Objection {
  return {
    text: `The checks do not stand in the way, but something in the change looks wrong. Take it back unless the request needs it; if it does, say why in the notes, and call finish again.\n\n${report}`,
    insisted: {},
  }
}

const NOTHING_CHANGED: Objection = {
  text: 'Nothing changed in the workspace: call finish with "no_change" and the answer, or make the change.',
  insisted: {
    kind: 'partial',
    reason: 'The agent said that it made a change, but the workspace is as it was.',
    code: 'agent_stuck',
  },
}

const LEFTOVERS: Objection = {
  text:
    'The workspace has changes (see git status). Call finish with "done" if they are wanted; otherwise take them ' +
    'back and call finish with "no_change" again.',
  insisted: { kind: 'no_change' },
}
