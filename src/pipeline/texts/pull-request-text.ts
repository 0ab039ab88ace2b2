import type { AgentOutcome } from '../../agent/agent.ts'
import type { CheckResult } from '../../checks/run-checks.ts'
import { createRedact, type Redact } from '../../redaction.ts'
import type { Run } from '../../runs/run.ts'
import type { RunTotals } from '../../runs/run-event.ts'
import { durationText } from '../../text/amounts.ts'
import type { ChangedFile } from '../collect/change-list.ts'
import type { GateReport } from '../gate/gate-changes.ts'
import { protectionOf, showPath } from '../gate/paths.ts'
import { checksTable } from './checks-table.ts'
import type { OutboundOptions } from './outbound-inline.ts'
import { outboundLine, outboundMarkdown } from './outbound-markdown.ts'
import { requesterLogin } from './requester-login.ts'
import { totalCost, usageDetails } from './usage-details.ts'

/** Everything that a pull request says about itself. */
export interface PullRequestFacts {
  readonly run: Pick<Run, 'id' | 'request'>
  readonly runUrl: string
  /** `owner/name` as GitHub spells it today. */
  readonly repository: string
  readonly outcome: AgentOutcome
  /** For the dummy agent: why no model was used, one line per provider. */
  readonly whyNoModel: readonly string[]
  /** Of the whole run until now, every attempt included. */
  readonly totals: RunTotals
  readonly checksBefore: readonly CheckResult[]
  readonly checksAfter: readonly CheckResult[]
  readonly gate: Pick<GateReport, 'publish' | 'reasons'>
  /** Sentences for the reviewer: what `diffGuard` found, setup that failed, a base that moved. */
  readonly warnings: readonly string[]
  /** `pat`: the commit is not Verified. */
  readonly credential: 'app' | 'pat'
  /** Masks secrets; shapes of secrets are masked in any case. */
  readonly redact?: Redact
}

const MAX_TITLE = 72
/** GitHub takes 65,536 characters; what models wrote gets the smaller part, so that the facts always fit. */
const MAX_SUMMARY = 20_000
const MAX_NOTES = 6_000
const MAX_BODY = 65_000

/**
 * Title and body of a pull request, or of the report about a commit on one. Facts are the host's own; text of the
 * model is marked off by headings and has lost every effect.
 */
export function pullRequestText(facts: PullRequestFacts): { readonly title: string; readonly body: string } {
  const redact = facts.redact ?? createRedact([])
  const { request } = facts.run
  const login = requesterLogin(request)
  const options = { repository: facts.repository, mayMention: login === undefined ? [] : [login] }
  return {
    title: outboundLine(redact(titleOf(facts)), { ...options, maxChars: MAX_TITLE }),
    body: redact(bodyOf(facts, options)).slice(0, MAX_BODY),
  }
}

/** Nobody should merge an unfinished change by its title. */
function titleOf(facts: PullRequestFacts): string {
  const title = facts.outcome.title.trim() || fallbackTitle(facts)
  return facts.outcome.kind === 'partial' ? `[partial] ${title}` : title
}

function fallbackTitle({ run: { request } }: PullRequestFacts): string {
  if (request.thread?.kind === 'issue') return request.thread.title
  return request.prompt.split('\n').find((line) => line.trim() !== '') ?? 'Change by Backspace'
}

function bodyOf(facts: PullRequestFacts, options: OutboundOptions): string {
  const { outcome, gate, warnings, checksBefore, checksAfter, credential } = facts
  const summary = outboundMarkdown(outcome.summary, { ...options, maxChars: MAX_SUMMARY })
  const notes = outboundMarkdown(outcome.notes ?? '', { ...options, maxChars: MAX_NOTES })
  const sentences = warnings.map((warning) =>
    outboundMarkdown(warning.replace(/\s+/g, ' '), { ...options, maxChars: 500 }),
  )
  const caveats = [
    ...gate.reasons,
    ...sentences.slice(0, 20),
    ...(credential === 'pat'
      ? ['The commit is not Verified: it was made with a personal access token.']
      : []),
  ]
  return [
    outcome.kind === 'partial' ? unfinished(outcome, options) : '',
    noModel(facts),
    summary,
    section('Before you merge', [...new Set(caveats)].map((line) => `- ${line}`).join('\n')),
    section('Checks', checksTable({ before: checksBefore, after: checksAfter, files: gate.publish })),
    section('Files', filesList(gate.publish)),
    section('Notes', notes),
    threadLine(facts),
    usageDetails(facts.totals),
    footer(facts),
  ]
    .filter((part) => part !== '')
    .join('\n\n')
}

/** Before anything else: whoever opens it must see that it is not to be merged as it is, and why. */
function unfinished({ reason = 'The agent stopped early.' }: AgentOutcome, options: OutboundOptions): string {
  return `> [!WARNING]\n> **This is not finished.** ${outboundLine(reason, { ...options, maxChars: 500 })}`
}

function section(title: string, content: string): string {
  return content === '' ? '' : `### ${title}\n\n${content}`
}

/** Nobody should take the dummy agent's work for that of a model. Its own summary mostly begins with saying so. */
function noModel({ outcome, whyNoModel, totals }: PullRequestFacts): string {
  if ([...totals.models, ...outcome.totals.models].some((model) => model !== 'dummy')) return ''
  if (outcome.summary.startsWith('No AI model was used')) return ''
  const why = whyNoModel.map((line) => `\n> - ${line.replace(/\s+/g, ' ')}`).join('')
  return `> No AI model was used: this applies what the request itself spelled out.${why}`
}

/** An unfinished change does not close its issue. */
function threadLine({ run: { request }, outcome }: PullRequestFacts): string {
  if (request.thread?.kind !== 'issue') return ''
  return `${outcome.kind === 'partial' ? 'For' : 'Closes'} #${request.thread.number}`
}

function footer({ run: { request }, totals, runUrl }: PullRequestFacts): string {
  const models = totals.models.filter((model) => model !== 'dummy')
  const parts = [
    `Requested by ${requesterText(request)}`,
    models.length === 0 ? 'no model' : models.map((model) => `\`${model}\``).join(', then '),
    ...(models.length === 0
      ? []
      : [totalCost(totals), `${totals.turns} ${totals.turns === 1 ? 'turn' : 'turns'}`]),
    durationText(totals.durationMs),
    `[the run, step by step](${runUrl})`,
  ]
  return `---\n<sub>${parts.join(' · ')}</sub>`
}

function requesterText(request: Run['request']): string {
  const login = requesterLogin(request)
  return login === undefined ? 'an API client' : `@${login}`
}

const MOST_FILES = 60

/** The published files for a reviewer; protected ones first and under their own heading. */
function filesList(files: readonly ChangedFile[]): string {
  const isProtected = (file: ChangedFile) =>
    [file.path, file.previousPath ?? ''].some((path) => protectionOf(path) === 'protected')
  const first = files.filter(isProtected)
  const others = files.filter((file) => !isProtected(file))
  if (first.length === 0) return listFiles(others)
  const parts = [`**Look at these first: they steer people, agents or CI**\n\n${listFiles(first)}`]
  return others.length === 0
    ? parts.join('')
    : [...parts, `**Other files**\n\n${listFiles(others)}`].join('\n\n')
}

function listFiles(files: readonly ChangedFile[]): string {
  const lines = files.slice(0, MOST_FILES).map((file) => `- ${describe(file)}`)
  const more = files.length - lines.length
  return [...lines, ...(more > 0 ? [`- and ${more} more`] : [])].join('\n')
}

function describe(file: ChangedFile): string {
  const { path, previousPath, status, additions, deletions, binary, mode } = file
  const name = previousPath === undefined ? showPath(path) : `${showPath(previousPath)} → ${showPath(path)}`
  const facts = [
    ...(status === 'modified' ? [] : [status]),
    ...(binary ? ['binary'] : [`+${additions} −${deletions}`]),
    ...(mode === '100755' && status === 'added' ? ['executable'] : []),
  ]
  return `${name} (${facts.join(', ')})`
}
