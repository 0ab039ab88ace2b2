import type { Entry } from '../../models/transcript.ts'
import type { BareOutcome, VerifyReport } from '../agent.ts'
import { clipTitle, titleOf } from '../title.ts'
import { boundText } from '../tools/bounded-output.ts'
import type { FinishClaim, FinishVerdict } from '../tools/tool.ts'
import type { AgentRun } from './agent-run.ts'
import type { CommandLog } from './command-log.ts'

/** Checks what the model claims when it calls `finish`, so that the outcome is never better than the facts. */
export interface FinishGate {
  readonly review: (claim: FinishClaim) => Promise<FinishVerdict>
  /** Reviews a final text when the model ends without a call of `finish`. */
  readonly reviewText: (text: string) => Promise<FinishVerdict>
  /** Set once a claim was accepted. */
  readonly outcome: () => BareOutcome | undefined
}

interface FinishGateParts {
  /** True when the model may only call `finish` from now on, so that no claim can be sent back. */
  readonly isLastChance: () => boolean
  /** The reviews of this run before a restart. */
  readonly earlier: EarlierReviews
  /** Says which of the claimed commands the host saw. */
  readonly describeCommands: CommandLog['describe']
}

const MAX_BOUNCES = 2

/** Sends a claim back at most twice. Showing the model its whole diff, once, does not count as one of these. */
export function createFinishGate(
  run: AgentRun,
  { isLastChance, earlier, describeCommands }: FinishGateParts,
): FinishGate {
  const { task, context, usage } = run
  const shownWarnings = new Set<string>()
  let { bounces, reviewed } = earlier
  let outcome: BareOutcome | undefined

  async function judge(claim: FinishClaim): Promise<FinishVerdict> {
    const { objection, verified } = await findObjection(claim, run, shownWarnings)
    const mayContinue = !isLastChance()
    if (objection && bounces < MAX_BOUNCES && mayContinue) {
      bounces++
      for (const warning of verified?.warnings ?? []) shownWarnings.add(warning)
      return { verdict: 'sent_back', text: `${SENT_BACK} ${objection.text}` }
    }
    if (!objection && verified?.diff && !reviewed && mayContinue) {
      reviewed = true
      return { verdict: 'self_review', text: selfReview({ diff: verified.diff, report: verified.report }) }
    }
    const notes = joinNotes(describeCommands(claim.testsRun ?? []), claim.notes)
    outcome = toOutcome({ ...claim, notes, title: clipTitle(claim.title) || titleOf(task) }, objection)
    return { verdict: 'accepted', text: 'accepted' }
  }

  async function review(claim: FinishClaim): Promise<FinishVerdict> {
    const startedAt = usage.now()
    const judged = await judge(claim)
    context.emit({
      type: 'finish.reviewed',
      claim: claim.outcome,
      verdict: judged.verdict,
      message: describe(claim, judged),
      durationMs: Math.round(usage.now() - startedAt),
    })
    return judged
  }

  return {
    review,
    reviewText: async (text) =>
      review({ outcome: (await run.hasChanged()) ? 'done' : 'no_change', title: '', summary: text }),
    outcome: () => outcome,
  }
}

function describe({ outcome }: FinishClaim, { verdict, text }: FinishVerdict): string {
  switch (verdict) {
    case 'accepted':
      return `The agent ends with "${outcome}"`
    case 'self_review':
      return 'The agent reviews its own change once more'
    case 'sent_back':
      return text.split('\n', 1)[0] ?? ''
  }
}

function toOutcome(claim: FinishClaim, objection: Objection | undefined): BareOutcome {
  const { outcome: kind, title, summary, notes } = claim
  const said: BareOutcome = { kind, title, summary, notes, ...whyUnfinished(claim) }
  return { ...said, ...objection?.insisted }
}

function whyUnfinished({
  outcome,
  question = '',
}: FinishClaim): Pick<BareOutcome, 'question' | 'reason' | 'code'> {
  switch (outcome) {
    case 'blocked':
      return { question, reason: 'The agent needs an answer to continue.' }
    case 'partial':
      return { reason: 'The agent says that the work is not complete.', code: 'agent_stuck' }
    case 'done':
    case 'no_change':
      return {}
  }
}

/** Joins notes for people. The host's come first, since the model's may end in a code block that was never closed. */
export function joinNotes(commands: string | undefined, notes: string | undefined): string | undefined {
  return [commands, notes].filter(Boolean).join('\n\n') || undefined
}

/** What the host objects to in a claim: a text for the model, and the outcome when the model insists on its claim. */
interface Objection {
  readonly text: string
  readonly insisted: Partial<Pick<BareOutcome, 'kind' | 'reason' | 'code'>>
}

/** What the host found when it examined a claim. */
interface Examined {
  readonly objection?: Objection
  /** Set when the host ran its checks on the change. */
  readonly verified?: VerifyReport
}

/** @param shown warnings that the model has read before; it may have its reasons, so it is not asked about them twice. */
async function findObjection(
  { outcome }: FinishClaim,
  { context, hasChanged }: AgentRun,
  shown: ReadonlySet<string>,
): Promise<Examined> {
  if (outcome === 'blocked') return {}
  const changed = await hasChanged()
  if (outcome === 'no_change') return changed ? { objection: LEFTOVERS } : {}
  if (!changed) return { objection: NOTHING_CHANGED }
  if (outcome === 'partial') return {}
  const verified = await context.verify()
  if (verified.refused !== undefined) return { verified, objection: refused(verified.refused) }
  if (!verified.ok) return { verified, objection: newFailure(verified) }
  const isNew = (verified.warnings ?? []).some((warning) => !shown.has(warning))
  return isNew ? { verified, objection: suspicious(verified) } : { verified }
}

function refused(why: string): Objection {
  return {
    text: `This change cannot be published as it is. ${why} Fix that, or finish with "partial" and say why.`,
    insisted: { kind: 'partial', reason: 'What the agent left cannot be published.', code: 'agent_stuck' },
  }
}

function newFailure({ report }: VerifyReport): Objection {
  return {
    text: `Something fails that did not fail before your change. Fix it, or finish with "partial" and say why.\n\n${report}`,
    insisted: { kind: 'partial', reason: 'Its own checks still fail.', code: 'agent_stuck' },
  }
}

/** An objection that the model may overrule, since the reviewer reads the same warnings in the pull request. */
function suspicious({ report }: VerifyReport): Objection {
  return {
    text: `The checks raise no objection, but something in the change looks wrong. Undo it unless the request needs it; if it does, say why in the notes, and call finish again.\n\n${report}`,
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
    'The workspace has changes (see git status). Call finish with "done" if they are wanted; otherwise undo ' +
    'them and call finish with "no_change" again.',
  insisted: { kind: 'no_change' },
}

const MAX_DIFF = 30 * 1024

/**
 * The answer to the first `finish("done")` without an objection: it shows the model the whole change, as reviewers will
 * see it. That costs one more turn and catches mistakes that are easy to miss while editing piece by piece.
 */
function selfReview({ diff, report }: { readonly diff: string; readonly report: string }): string {
  return `${CHECKLIST}\n\n${report}\n\nThe whole change:\n${boundText(diff, MAX_DIFF)}`
}

/** The first line of the self-review; a restart recognises it in the transcript. */
const CHECKLIST_START =
  'Before it is published, read your change once as the reviewer who will have to maintain it:'
const CHECKLIST = `${CHECKLIST_START}
1. Does it do all that was asked, in every case that shares the cause?
2. Is anything in it that the request does not need: debug output, scratch files, reformatting, comments that repeat the code?
3. What does it do with empty, missing, very large or non-ASCII input, and to those who call this code?
4. Does a test fail without it, and is no test weaker than before?
5. Are the docs, types and changelog that the repository keeps still true?
6. Do title, summary and notes say only what you saw?
Fix what is wrong. Then call finish again, and it is accepted.`

/** The first words of the answer to a rejected claim; a restart recognises them in the transcript. */
const SENT_BACK = 'Not finished yet.'

/** How the finish gate has answered so far. */
interface EarlierReviews {
  /** How many claims were sent back. */
  readonly bounces: number
  /** True when the agent has been shown its whole diff. */
  readonly reviewed: boolean
}

/** Finds earlier reviews in the stored entries of a run, so that a restart does not repeat them. */
export function recallReviews(entries: readonly Entry[]): EarlierReviews {
  const results = entries.flatMap(resultTexts)
  return {
    bounces: results.filter((text) => text.startsWith(SENT_BACK)).length,
    reviewed: results.some((text) => text.startsWith(CHECKLIST_START)),
  }
}

function resultTexts(entry: Entry): readonly string[] {
  return entry.role === 'tool' ? entry.parts.map(({ text }) => text) : []
}
