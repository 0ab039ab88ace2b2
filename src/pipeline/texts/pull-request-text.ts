import type { AgentOutcome } from '../../agent/agent.ts'
import type { CheckResult } from '../../checks/run-checks.ts'
import { type Run, requesterLogin } from '../../runs/run.ts'
import type { RunTotals } from '../../runs/run-event.ts'
import { totalCost } from '../../runs/summary/run-usage.ts'
import type { Verification } from '../../runs/verification.ts'
import { createRedact, type Redact } from '../../secrets/redact.ts'
import { agentsText } from '../../text/agent-name.ts'
import { agentWords } from '../../text/agent-words.ts'
import { counted } from '../../text/amounts.ts'
import { mapTexts } from '../../text/map-texts.ts'
import { codeSpan } from '../../text/markdown/fenced.ts'
import type { OutboundOptions } from '../../text/markdown/outbound-inline.ts'
import { outboundItem, outboundLine } from '../../text/markdown/outbound-markdown.ts'
import {
  joinSafe,
  maskSafe,
  NOTHING,
  ownWords,
  type SafeMarkdown,
  safeMarkdown,
} from '../../text/markdown/safe-markdown.ts'
import type { Pieces } from '../../time/pieces.ts'
import { inStyle } from '../conventions/in-style.ts'
import type { Conventions } from '../conventions/read-conventions.ts'
import type { GateReport } from '../gate/gate-changes.ts'
import { checksTable } from './checks-table.ts'
import { filesList } from './files-list.ts'
import type { TemplateAnswers } from './fill-template.ts'
import { type BodyPart, fitParts } from './fit-parts.ts'
import { contributorNotes, templatePart } from './template-part.ts'
import { usageDetails } from './usage-details.ts'
import { proofList, verdictHeadline } from './verification-text.ts'

/** The facts from which the text of a pull request is made. */
export interface PullRequestFacts {
  readonly run: Pick<Run, 'id' | 'request'>
  /** URL of the run's page; undefined if only this machine could open it. */
  readonly runUrl: string | undefined
  /** Where the body goes. A report about a commit goes into a `comment`, with other parts. Default: `pull_request`. */
  readonly place?: 'pull_request' | 'comment' | undefined
  /** `owner/name` as GitHub spells it today. */
  readonly repository: string
  readonly outcome: AgentOutcome
  /** A sentence of Backspace's on what was merged; undefined when the run did not merge. */
  readonly merged?: string | undefined
  /** Why no model was used, one line per provider; empty if one was. */
  readonly whyNoModel: readonly string[]
  /** Totals of the whole run so far, every attempt included. */
  readonly totals: RunTotals
  readonly checksBefore: readonly CheckResult[]
  readonly checksAfter: readonly CheckResult[]
  /** Undefined when verification is off. */
  readonly verification?: Verification | undefined
  readonly gate: Pick<GateReport, 'publish' | 'reasons' | 'remarks'>
  /** Sentences for the reviewer: findings of `diffGuard`, a failed setup, a base that moved. */
  readonly warnings: readonly string[]
  /** An offer, folded up, such as a settings file. Default: none. */
  readonly offer?: SafeMarkdown | undefined
  /** With `pat`, GitHub does not show the commit as Verified. */
  readonly credential: 'app' | 'pat'
  /** Hosts that the model's text may link to. Default: only GitHub. */
  readonly linkHosts?: readonly string[]
  /** How the repository wants titles and bodies to look. */
  readonly conventions?: Pick<Conventions, 'title' | 'template' | 'policy' | 'signOff'> | undefined
  /** Masks known secrets. Text with the shape of a secret is masked in any case. */
  readonly redact?: Redact
}

const MAX_TITLE = 72

/** How much of each part is shown: characters of texts, and numbers of files and outputs. */
interface Room {
  readonly summary: number
  readonly notes: number
  readonly files: number
  readonly outputs: number
}

/** The first one that fits is used. The model's texts give way to the host's facts, which always fit. */
const ROOMS: readonly Room[] = [
  { summary: 20_000, notes: 6_000, files: 60, outputs: 3 },
  { summary: 8_000, notes: 2_000, files: 30, outputs: 1 },
  { summary: 2_000, notes: 500, files: 10, outputs: 0 },
]
/** GitHub accepts 65,536 characters. A comment has other parts besides the report. */
const MAX_CHARS = { pull_request: 65_000, comment: 36_000 } as const

/**
 * Writes title and body of a pull request, or of the report about a commit on one. The host's own facts come first. The
 * model's text is quoted and has no effects such as mentions.
 */
export function* pullRequestText(
  facts: PullRequestFacts,
): Pieces<{ readonly title: string; readonly body: SafeMarkdown }> {
  const redact = facts.redact ?? createRedact([])
  const { request } = facts.run
  const login = requesterLogin(request)
  const { repository, linkHosts = [] } = facts
  const options = { repository, linkHosts, mayMention: login === undefined ? [] : [login] }
  // Masked before texts are cut, and once more as a whole.
  const { outcome, whyNoModel, warnings, checksBefore, checksAfter, verification } = facts
  const texts = { outcome, whyNoModel, warnings, checksBefore, checksAfter, verification }
  const masked = yield* mapTexts(texts, redact.inPieces)
  const shown = { ...facts, ...masked }
  const title = yield* redact.inPieces(titleOf(shown))
  let body = NOTHING
  for (const room of ROOMS) {
    body = yield* maskSafe(yield* bodyOf(shown, { room, options }), redact)
    if (body.length <= MAX_CHARS[facts.place ?? 'pull_request']) break
  }
  return { title: outboundLine(title, { ...options, maxChars: MAX_TITLE }), body }
}

/** The title, which alone must say that a change is unfinished. */
function titleOf(facts: PullRequestFacts): string {
  const plain = facts.outcome.title.trim() || fallbackTitle(facts)
  const style = facts.merged ? undefined : facts.conventions?.title
  const paths = facts.gate.publish.map(({ path }) => path)
  const isFix = facts.verification?.regression?.verdict === 'fails_on_base'
  const title = style ? inStyle(plain, style, { paths, isFix, request: facts.run.request }) : plain
  return facts.outcome.kind === 'partial' ? `[partial] ${title}` : title
}

function fallbackTitle({ run: { request } }: PullRequestFacts): string {
  if (request.thread?.kind === 'issue') return request.thread.title
  return request.prompt.split('\n').find((line) => line.trim() !== '') ?? 'Change by Backspace'
}

function* bodyOf(
  facts: PullRequestFacts,
  { room, options }: { readonly room: Room; readonly options: OutboundOptions },
): Pieces<SafeMarkdown> {
  const isLast = room === ROOMS.at(-1)
  // Masking may make the text a little longer.
  const most = MAX_CHARS[facts.place ?? 'pull_request'] - 1000
  const { outcome, gate, warnings, checksBefore, checksAfter, verification, credential } = facts
  const checks = {
    before: checksBefore,
    after: checksAfter,
    files: gate.publish,
    judged: verification?.checks,
    mostOutputs: room.outputs,
  }
  const verified = 'The commit is not Verified: it was made with a personal access token.'
  const sentences = [
    ...gate.reasons,
    ...gate.remarks,
    ...warnings.slice(0, 20),
    ...(credential === 'pat' ? [verified] : []),
  ]
  const caveats: SafeMarkdown[] = []
  for (const sentence of sentences) {
    caveats.push(safeMarkdown`- ${outboundItem(sentence, { ...options, maxChars: 500 })}`)
    yield
  }
  const table = checksTable(checks)
  yield
  const issue = threadLine(facts)
  const template = templatePart(
    { conventions: facts.conventions, summary: outcome.summary, table, issue, models: outcome.totals.models },
    { ...options, maxChars: room.summary },
  )
  yield
  const has = (answer: keyof TemplateAnswers) => template?.used.has(answer) === true
  const words = () =>
    has('summary')
      ? NOTHING
      : section("In the agent's words", agentWords(outcome.summary, { ...options, maxChars: room.summary }))
  const before = () => section('Before you merge', joinSafe([...new Set(caveats)], '\n'))
  const results = () => (has('testing') ? NOTHING : verification ? table : section('Checks', table))
  const notes = () => agentWords(outcome.notes ?? '', { ...options, maxChars: room.notes })
  // The host's facts come before the model's text.
  const parts: readonly (readonly [spare: number, write: () => SafeMarkdown])[] = [
    [0, () => (outcome.kind === 'partial' ? unfinished(outcome, options) : NOTHING)],
    [0, () => outboundItem(facts.merged ?? '', { ...options, maxChars: 2000 })],
    [0, () => noModel(facts, options)],
    [0, () => (verification ? verdictHeadline(verification) : NOTHING)],
    [2, () => template?.text ?? NOTHING],
    [1, () => (verification ? results() : NOTHING)],
    [3, () => (verification ? proofList(verification, options) : NOTHING)],
    [2, before],
    [4, words],
    [1, () => (verification ? NOTHING : results())],
    [5, () => section('Files', filesList(gate.publish, room.files))],
    [6, () => section("The agent's notes", notes())],
    [7, () => facts.offer ?? NOTHING],
    [0, () => (has('issue') ? NOTHING : issue)],
    [0, () => contributorNotes(facts, has('assistance'), options)],
    [8, () => usageDetails(facts.totals)],
    [0, () => footer(facts)],
  ]
  const written: BodyPart[] = []
  for (const [spare, write] of parts) {
    written.push({ text: write(), spare })
    yield
  }
  return fitParts(written, isLast ? most : Number.POSITIVE_INFINITY)
}

/** The first part of the body, so that a reviewer sees at once that the change is unfinished, and why. */
function unfinished(
  { reason = 'The agent stopped early.' }: AgentOutcome,
  options: OutboundOptions,
): SafeMarkdown {
  const why = outboundItem(reason, { ...options, maxChars: 500 })
  return safeMarkdown`> [!WARNING]\n> **This is not finished.** ${why}`
}

function section(title: string, content: SafeMarkdown): SafeMarkdown {
  return content === '' ? NOTHING : safeMarkdown`### ${ownWords(title)}\n\n${content}`
}

/** Says that no model was used, unless the dummy agent's summary already does. */
function noModel(facts: PullRequestFacts, options: OutboundOptions): SafeMarkdown {
  const { outcome, whyNoModel, totals, merged } = facts
  const models = [...totals.models, ...outcome.totals.models]
  const isSaid = outcome.summary.startsWith('No AI model was used')
  if (isSaid || models.some((model) => model !== 'dummy')) return NOTHING
  const why = whyNoModel.map((line) => safeMarkdown`- ${outboundItem(line, options)}`)
  const how = merged && models.length === 0 ? 'nothing was left to decide' : 'the change is in the request'
  return joinSafe([safeMarkdown`No AI model was used: ${ownWords(how)}.`, joinSafe(why, '\n')], '\n\n')
}

/** The line that closes the issue; an unfinished change only refers to it. */
function threadLine({ run: { request }, outcome }: PullRequestFacts): SafeMarkdown {
  if (request.thread?.kind !== 'issue') return NOTHING
  const { number } = request.thread
  return outcome.kind === 'partial' ? safeMarkdown`For #${number}` : safeMarkdown`Closes #${number}`
}

/** The last line. It names no duration, because the run is not over yet; its page and its comment name it later. */
function footer({ run: { request }, totals, runUrl }: PullRequestFacts): SafeMarkdown {
  const models = totals.models.filter((model) => model !== 'dummy')
  const parts = [
    `Requested by ${requesterText(request)}`,
    agentsText(totals.agents ?? []),
    models.length === 0 ? 'no model' : models.map((model) => codeSpan(model)).join(', then '),
    models.length === 0 ? '' : totalCost(totals),
    models.length === 0 ? '' : counted(totals.turns, 'turn'),
    runUrl === undefined ? '' : `[the run, step by step](${runUrl})`,
    runUrl === undefined || !totals.langsmithEnabled ? '' : `[its LangSmith trace](${runUrl}/trace)`,
  ]
  return safeMarkdown`---\n<sub>${ownWords(parts.filter((part) => part !== '').join(' · '))}</sub>`
}

function requesterText(request: Run['request']): string {
  const login = requesterLogin(request)
  return login === undefined ? 'an API client' : `@${login}`
}
