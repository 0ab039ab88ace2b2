import type { AgentOutcome } from '../../agent/agent.ts'
import type { CheckResult } from '../../checks/run-checks.ts'
import type { Run } from '../../runs/run.ts'
import type { RunTotals } from '../../runs/run-event.ts'
import { totalCost } from '../../runs/summary/run-usage.ts'
import { createRedact, type Redact, redactDeep } from '../../secrets/redact.ts'
import { agentWords } from '../../text/agent-words.ts'
import { counted } from '../../text/amounts.ts'
import { codeSpan } from '../../text/fenced.ts'
import type { OutboundOptions } from '../../text/outbound-inline.ts'
import { outboundItem, outboundLine } from '../../text/outbound-markdown.ts'
import {
  joinSafe,
  maskSafe,
  NOTHING,
  ownWords,
  type SafeMarkdown,
  safeMarkdown,
} from '../../text/safe-markdown.ts'
import type { ChangedFile } from '../collect/change-list.ts'
import type { GateReport } from '../gate/gate-changes.ts'
import { showPath } from '../gate/paths.ts'
import { steeringOf } from '../gate/steering.ts'
import { checksTable } from './checks-table.ts'
import { requesterLogin } from './requester-login.ts'
import { usageDetails } from './usage-details.ts'

/** What the text of a pull request is made from. */
export interface PullRequestFacts {
  readonly run: Pick<Run, 'id' | 'request'>
  /** Undefined if only this machine could open it. */
  readonly runUrl: string | undefined
  /** Where the body goes: a report about a commit shares its comment with other parts. Default `pull_request`. */
  readonly place?: 'pull_request' | 'comment' | undefined
  /** `owner/name` as GitHub spells it today. */
  readonly repository: string
  readonly outcome: AgentOutcome
  /** For the dummy agent: why no model was used, one line per provider. */
  readonly whyNoModel: readonly string[]
  /** Of the whole run until now, every attempt included. */
  readonly totals: RunTotals
  readonly checksBefore: readonly CheckResult[]
  readonly checksAfter: readonly CheckResult[]
  readonly gate: Pick<GateReport, 'publish' | 'reasons' | 'allowed'>
  /** Sentences for the reviewer: what `diffGuard` found, setup that failed, a base that moved. */
  readonly warnings: readonly string[]
  /** `pat`: the commit is not Verified. */
  readonly credential: 'app' | 'pat'
  /** Masks secrets; shapes of secrets are masked in any case. */
  readonly redact?: Redact
}

const MAX_TITLE = 72

/** How much of each part is shown. */
interface Room {
  readonly summary: number
  readonly notes: number
  readonly files: number
  readonly outputs: number
}

/** The first that fits is taken: what the model wrote gives way to the host's facts, which always fit. */
const ROOMS: readonly Room[] = [
  { summary: 20_000, notes: 6_000, files: 60, outputs: 3 },
  { summary: 8_000, notes: 2_000, files: 30, outputs: 1 },
  { summary: 2_000, notes: 500, files: 10, outputs: 0 },
]
/** GitHub takes 65,536 characters; a comment holds more than the report. */
const MAX_CHARS = { pull_request: 65_000, comment: 36_000 } as const

/**
 * Title and body of a pull request, or of the report about a commit on one. Facts are the host's own and come first;
 * text of the model is quoted and has no effects.
 */
export function pullRequestText(facts: PullRequestFacts): {
  readonly title: string
  readonly body: SafeMarkdown
} {
  const redact = facts.redact ?? createRedact([])
  const { request } = facts.run
  const login = requesterLogin(request)
  const options = { repository: facts.repository, mayMention: login === undefined ? [] : [login] }
  // Masked before the texts are cut to size, and once more as a whole.
  const { outcome, whyNoModel, warnings, checksBefore, checksAfter } = facts
  const masked = redactDeep({ outcome, whyNoModel, warnings, checksBefore, checksAfter }, redact)
  const shown = { ...facts, ...masked }
  const bodies = ROOMS.map((room) => () => maskSafe(bodyOf(shown, { room, options }), redact))
  const fits = (body: SafeMarkdown) => body.length <= MAX_CHARS[facts.place ?? 'pull_request']
  return {
    title: outboundLine(redact(titleOf(shown)), { ...options, maxChars: MAX_TITLE }),
    body: firstThat(fits, bodies),
  }
}

/** The last when none does. */
function firstThat<T>(fits: (made: T) => boolean, makers: readonly (() => T)[]): T {
  const [make, ...others] = makers
  if (make === undefined) throw new Error('Nothing to choose from')
  const made = make()
  return others.length === 0 || fits(made) ? made : firstThat(fits, others)
}

/** The title alone must say that a change is unfinished. */
function titleOf(facts: PullRequestFacts): string {
  const title = facts.outcome.title.trim() || fallbackTitle(facts)
  return facts.outcome.kind === 'partial' ? `[partial] ${title}` : title
}

function fallbackTitle({ run: { request } }: PullRequestFacts): string {
  if (request.thread?.kind === 'issue') return request.thread.title
  return request.prompt.split('\n').find((line) => line.trim() !== '') ?? 'Change by Backspace'
}

function bodyOf(
  facts: PullRequestFacts,
  { room, options }: { readonly room: Room; readonly options: OutboundOptions },
): SafeMarkdown {
  const { outcome, gate, warnings, checksBefore, checksAfter, credential } = facts
  const checks = { before: checksBefore, after: checksAfter, files: gate.publish, mostOutputs: room.outputs }
  const verified = 'The commit is not Verified: it was made with a personal access token.'
  const sentences = [
    ...gate.reasons,
    ...gate.allowed,
    ...warnings.slice(0, 20),
    ...(credential === 'pat' ? [verified] : []),
  ]
  const caveats = sentences.map(
    (sentence) => safeMarkdown`- ${outboundItem(sentence, { ...options, maxChars: 500 })}`,
  )
  return joinSafe(
    [
      outcome.kind === 'partial' ? unfinished(outcome, options) : NOTHING,
      noModel(facts, options),
      section('Before you merge', joinSafe([...new Set(caveats)], '\n')),
      section("In the agent's words", agentWords(outcome.summary, { ...options, maxChars: room.summary })),
      section('Checks', checksTable(checks)),
      section('Files', filesList(gate.publish, room.files)),
      section("The agent's notes", agentWords(outcome.notes ?? '', { ...options, maxChars: room.notes })),
      threadLine(facts),
      usageDetails(facts.totals),
      footer(facts),
    ],
    '\n\n',
  )
}

/** Comes first: a reviewer must see at once that the change is unfinished, and why. */
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

/** The dummy agent's work must not be taken for a model's. Its own summary mostly says so already. */
function noModel({ outcome, whyNoModel, totals }: PullRequestFacts, options: OutboundOptions): SafeMarkdown {
  if ([...totals.models, ...outcome.totals.models].some((model) => model !== 'dummy')) return NOTHING
  if (outcome.summary.startsWith('No AI model was used')) return NOTHING
  const why = whyNoModel.map((line) => safeMarkdown`- ${outboundItem(line, options)}`)
  const what = safeMarkdown`No AI model was used: this applies the change that is written in the request.`
  return joinSafe([what, joinSafe(why, '\n')], '\n\n')
}

/** An unfinished change does not close its issue. */
function threadLine({ run: { request }, outcome }: PullRequestFacts): SafeMarkdown {
  if (request.thread?.kind !== 'issue') return NOTHING
  const { number } = request.thread
  return outcome.kind === 'partial' ? safeMarkdown`For #${number}` : safeMarkdown`Closes #${number}`
}

/** Without a duration: the run goes on after this is written, and its pages and its comment say how long it took. */
function footer({ run: { request }, totals, runUrl }: PullRequestFacts): SafeMarkdown {
  const models = totals.models.filter((model) => model !== 'dummy')
  const parts = [
    `Requested by ${requesterText(request)}`,
    models.length === 0 ? 'no model' : models.map((model) => codeSpan(model)).join(', then '),
    models.length === 0 ? '' : totalCost(totals),
    models.length === 0 ? '' : counted(totals.turns, 'turn'),
    runUrl === undefined ? '' : `[the run, step by step](${runUrl})`,
  ]
  return safeMarkdown`---\n<sub>${ownWords(parts.filter((part) => part !== '').join(' · '))}</sub>`
}

function requesterText(request: Run['request']): string {
  const login = requesterLogin(request)
  return login === undefined ? 'an API client' : `@${login}`
}

/** The published files for a reviewer; those that steer others first and under their own heading. */
function filesList(files: readonly ChangedFile[], most: number): SafeMarkdown {
  const steering = new Map(files.map((file) => [file, steeringOf(file)]))
  const first = files.filter((file) => steering.get(file)?.length !== 0)
  const others = listFiles(
    files.filter((file) => !first.includes(file)),
    most,
  )
  if (first.length === 0) return others
  const lines = first.slice(0, most).map((file) => {
    const whats = (steering.get(file) ?? []).map(({ what }) => what)
    return safeMarkdown`- ${describe(file)}: ${joinSafe([...new Set(whats)], '; ')}`
  })
  const heading = safeMarkdown`**Look at these first: they act before a person has read them**`
  const more = others === '' ? NOTHING : safeMarkdown`**Other files**\n\n${others}`
  const cut = first.length > most ? safeMarkdown`- and ${first.length - most} more` : NOTHING
  return joinSafe([heading, joinSafe([...lines, cut], '\n'), more], '\n\n')
}

function listFiles(files: readonly ChangedFile[], most: number): SafeMarkdown {
  const lines = files.slice(0, most).map((file) => safeMarkdown`- ${describe(file)}`)
  const more = files.length - lines.length
  return joinSafe([...lines, more > 0 ? safeMarkdown`- and ${more} more` : NOTHING], '\n')
}

function describe(file: ChangedFile): SafeMarkdown {
  const { path, previousPath, status, additions, deletions, binary, mode } = file
  const name =
    previousPath === undefined ? showPath(path) : safeMarkdown`${showPath(previousPath)} → ${showPath(path)}`
  const isUntouched = !binary && additions === 0 && deletions === 0
  const facts = [
    status === 'modified' ? '' : status,
    binary ? 'binary' : '',
    binary || isUntouched ? '' : `+${additions} −${deletions}`,
    isUntouched && status === 'added' ? 'empty' : '',
    isUntouched && status === 'modified' ? modeChange(mode) : '',
    mode === '100755' && status === 'added' ? 'executable' : '',
  ].filter((fact) => fact !== '')
  return facts.length === 0 ? name : safeMarkdown`${name} (${ownWords(facts.join(', '))})`
}

/** No line differs, so the mode is all that changed. */
function modeChange(mode: string): string {
  switch (mode) {
    case '100755':
      return 'now executable'
    case '100644':
      return 'no longer executable'
    default:
      return `mode ${mode}`
  }
}
