import type { CheckedReceipt } from '../../../receipts/check-receipt.ts'
import type { Statement } from '../../../receipts/statement.ts'
import { verdictOf } from '../../../runs/summary/verdict.ts'
import { whyNoCoverage } from '../../../runs/summary/verdict-remarks.ts'
import { DEPENDS_ON_EDITS, type VerifiedCheck } from '../../../runs/verification.ts'
import { agentsText } from '../../../text/agent-name.ts'
import { counted } from '../../../text/amounts.ts'
import type { CloneComparison } from '../clone/compare-clone.ts'
import { wrapText } from '../views/columns.ts'
import { oneLine, type Paint, paintInline } from '../views/paint.ts'
import { commandRows } from './receipt-commands.ts'

export interface ReceiptLook {
  readonly paint: Paint
  /** Columns of the terminal; undefined without a terminal. */
  readonly width?: number | undefined
}

/** Where the keys came from, as the person wrote it. */
export interface KeyOrigin {
  readonly where: string
  readonly isService: boolean
}

type Predicate = Statement['predicate']
type ValidReceipt = Extract<CheckedReceipt, { readonly verdict: 'valid' }>

const MOST_ROWS = 30
const LABEL = 12

/** The text of a valid receipt: who, what, when, the verdict, files and commands. The receipt's texts are untrusted. */
export function showReceipt(receipt: ValidReceipt, origin: KeyOrigin, look: ReceiptLook): string {
  const { predicate } = receipt.statement
  const { paint } = look
  const lines = [
    '',
    `  ${paint(['bold', 'green'], '✓')} ${paint('bold', 'The receipt is valid.')}`,
    '',
    ...whoAndWhat(predicate, look),
    ...signatures(receipt, origin, look),
    '',
    ...verdict(predicate, look),
    ...filesOf(predicate, look),
    ...commandRows(predicate, paint),
    '',
  ]
  return `${lines.join('\n')}\n`
}

/** Says why a receipt is not valid, or could not be checked. */
export function showRefusal(
  { verdict, reason }: Exclude<CheckedReceipt, ValidReceipt>,
  look: ReceiptLook,
): string {
  const { paint } = look
  const [sign, title] =
    verdict === 'invalid'
      ? [paint(['bold', 'red'], '✗'), 'The receipt is NOT valid.']
      : [paint(['bold', 'yellow'], '!'), 'The receipt cannot be read.']
  return `\n  ${sign} ${paint('bold', title)}\n${wrapped(oneLine(reason), look, '    ')}\n\n`
}

/** Says whether a clone matches a valid receipt. */
export function showComparison({ differences, left }: CloneComparison, look: ReceiptLook): string {
  const { paint } = look
  const [sign, title] =
    differences.length === 0
      ? [paint(['bold', 'green'], '✓'), 'The clone has this commit, this tree and these files.']
      : [paint(['bold', 'red'], '✗'), 'The clone does NOT match the receipt.']
  const lines = [...differences, ...left].map((text) => wrapped(oneLine(text), look, '    '))
  return `${[`  ${sign} ${paint('bold', title)}`, ...lines].join('\n')}\n\n`
}

function whoAndWhat({ repository, head, base, run, issuedAt, service }: Predicate, look: ReceiptLook) {
  const { login, owner } = run.requester
  const asker = owner === undefined || owner === login ? login : `${login} (${owner})`
  const models = run.models.length === 0 ? 'no model' : run.models.join(', ')
  const agent = run.agent === undefined ? '' : `${agentsText(run.agent.split(', then '))}, `
  const pull = head.pullRequest === undefined ? '' : `, pull request #${head.pullRequest}`
  return [
    row('Repository', repository.url, look),
    row('Commit', `${head.commit} (${head.branch}${pull})`, look),
    row('Tree', head.tree, look),
    row('Base', `${base.commit} (${base.branch})`, look),
    row('Run', run.url ?? run.id, look),
    row('Asked by', `${asker}, by ${run.trigger}`, look),
    row('Made by', `${agent}${models}`, look),
    row('Issued', `${issuedAt} by Backspace ${service.version}`, look),
  ]
}

function signatures(
  { keys, unknownKeys }: ValidReceipt,
  { where, isService }: KeyOrigin,
  look: ReceiptLook,
): string[] {
  const trust = isService
    ? `The keys came from ${where}: this trusts that server and the connection to it.`
    : `The keys came from ${where}.`
  return [
    ...keys.map(({ keyid, retiredAt }) => {
      const since = retiredAt === null ? '' : `, retired since ${retiredAt.toISOString()}`
      return row('Signed by', `${keyid.slice(0, 16)}…${since}`, look)
    }),
    ...unknownKeys.map((keyid) =>
      row('Also', `${keyid.slice(0, 16)}…, an unknown key, so this signature was not checked`, look),
    ),
    wrapped(trust, look, ' '.repeat(2 + LABEL), 'dim'),
  ]
}

const TONES = { good: 'green', neutral: 'yellow', bad: 'red' } as const

function verdict({ verification }: Predicate, look: ReceiptLook): string[] {
  const { paint } = look
  const { tone, line, draft, remarks } = verdictOf(verification)
  const inline = (text: string) => paintInline(oneLine(text), paint)
  return [
    `  ${paint(['bold', TONES[tone]], inline(line))}`,
    ...bounded(
      draft.map((text) => wrapped(inline(text), look, '    ', 'yellow')),
      look,
    ),
    ...bounded(
      [...remarks, ...whyNoCoverage(verification)].map((text) => wrapped(inline(text), look, '    ')),
      look,
    ),
    ...bounded(
      verification.checks.map((check) => checkRow(check, look)),
      look,
    ),
  ]
}

const SIGNS: Readonly<
  Record<VerifiedCheck['verdict'], readonly ['green' | 'yellow' | 'red', string, string]>
> = {
  passes: ['green', '✓', 'passes'],
  fixed: ['green', '✓', 'failed before, passes now'],
  newly_failing: ['red', '✗', 'newly fails'],
  still_failing: ['red', '✗', 'fails as before'],
  cannot_tell: ['yellow', '–', 'fails before and after'],
  flaky: ['yellow', '!', 'flaky'],
  no_proof: ['yellow', '–', 'no result'],
}

const STEERED = ['yellow', '–', DEPENDS_ON_EDITS] as const

function checkRow(
  { command, folder, verdict, tests, steered }: VerifiedCheck,
  { paint }: ReceiptLook,
): string {
  const [color, sign, words] = steered ? STEERED : SIGNS[verdict]
  const place = folder === '' ? '' : ` in ${oneLine(folder)}`
  const counts =
    tests === undefined ? '' : `, ${counted(tests.after.passed, 'test')} passed, ${tests.after.failed} failed`
  return `  ${paint(color, sign)} ${oneLine(command)}${place} ${paint('dim', `${words}${counts}`)}`
}

const MARKS = { added: 'A', modified: 'M', deleted: 'D', renamed: 'R' } as const

function filesOf({ files }: Predicate, look: ReceiptLook): string[] {
  const { paint } = look
  const rows = files.map(({ path, previousPath, status, digest }) => {
    const from = previousPath === undefined ? '' : ` from ${oneLine(previousPath)}`
    const id = digest === null ? '' : ` ${paint('dim', `sha256 ${digest.sha256.slice(0, 16)}…`)}`
    return `  ${MARKS[status]} ${oneLine(path)}${from}${id}`
  })
  return ['', `  ${paint('bold', counted(files.length, 'file'))}`, ...bounded(rows, look)]
}

function bounded(rows: readonly string[], { paint }: ReceiptLook): readonly string[] {
  const more = rows.length - MOST_ROWS
  return more > 0 ? [...rows.slice(0, MOST_ROWS), paint('dim', `  … and ${more} more`)] : rows
}

function row(label: string, text: string, { paint, width }: ReceiptLook): string {
  const shown = oneLine(text)
  const lines = width === undefined ? shown : wrapText(shown, Math.max(40, width) - 2 - LABEL)
  return `  ${paint('dim', label.padEnd(LABEL))}${lines.replaceAll('\n', `\n${' '.repeat(2 + LABEL)}`)}`
}

function wrapped(text: string, look: ReceiptLook, margin: string, style?: 'dim' | 'yellow'): string {
  const { paint, width } = look
  const lines = width === undefined ? text : wrapText(text, Math.max(40, width) - margin.length)
  const painted = lines.split('\n').map((line) => `${margin}${forLine(line, style, paint)}`)
  return painted.join('\n')
}

function forLine(line: string, style: 'dim' | 'yellow' | undefined, paint: Paint): string {
  return style === undefined ? line : paint(style, line)
}
