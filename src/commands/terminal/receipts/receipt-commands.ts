import type { RecordedCommand } from '../../../receipts/recorded-command.ts'
import type { Statement } from '../../../receipts/statement.ts'
import type { NeededHunk } from '../../../runs/verification.ts'
import { counted, durationText } from '../../../text/amounts.ts'
import { oneLine, type Paint } from '../views/paint.ts'

const MOST_ROWS = 100

/** The commands of a receipt, in order, grouped by the code that they ran on. Their texts are untrusted. */
export function commandRows(
  { commands: { count, list }, sandbox, verification }: Statement['predicate'],
  paint: Paint,
): readonly string[] {
  if (count === 0) return []
  const { needed = [] } = verification.necessity ?? {}
  const rows: string[] = []
  let last = ''
  for (const command of list.slice(0, MOST_ROWS)) {
    const title = placeOf(command, needed)
    if (title !== last) rows.push(`  ${oneLine(title)}`)
    last = title
    rows.push(commandRow(command, paint))
  }
  const more = count - Math.min(list.length, MOST_ROWS)
  return [
    '',
    `  ${paint('bold', counted(count, 'command'))} ${paint('dim', oneLine(sandboxText(sandbox)))}`,
    ...rows,
    ...(more > 0 ? [paint('dim', `  … and ${more} more`)] : []),
  ]
}

function sandboxText({ kind, template, git }: Statement['predicate']['sandbox']): string {
  const made = template === undefined ? kind : `${kind}, template ${template}`
  return git === undefined ? made : `${made}, git ${git}`
}

const PLACES = {
  baseline: "The base commit, in the agent's sandbox before the agent",
  base: 'The base commit, in a clean sandbox',
  head: 'The change, in a clean sandbox',
  regression: 'A part of the change, in a clean sandbox',
} as const satisfies Record<RecordedCommand['room'], string>

function placeOf({ room, files, hunk }: RecordedCommand, needed: readonly NeededHunk[]): string {
  if (files === 'without_source') return 'The change without its source, in a clean sandbox'
  if (hunk === undefined) return files === 'change' ? PLACES.head : PLACES[room]
  const { path, from, to } = hunk
  const heldBy = needed.find((one) => one.path === path && one.from === from && one.to === to)
  const lines = from === to ? `${from}` : `${from}–${to}`
  const { command, tests } = heldBy ?? {}
  const names = tests && `: ${tests.names.join(', ')}${tests.count > tests.names.length ? ', …' : ''}`
  const verdict = command === undefined ? 'no test needs it' : `needed by ${command}${names ?? ''}`
  return `The change without ${path}:${lines}: ${verdict}`
}

const ENDINGS = {
  passed: 'passed',
  failed: 'failed',
  flaky: 'flaky',
  cannot_run: 'could not run',
  did_not_end: 'did not end',
  not_started: 'was not started',
} as const

function commandRow(
  { purpose, again, folder, command, exitCode, ended, durationMs, tests, log }: RecordedCommand,
  paint: Paint,
): string {
  const sign = exitCode === 0 ? paint('green', '✓') : paint('red', '✗')
  const facts = [
    ...(purpose === 'setup' ? ['setup'] : []),
    ...(again ? ['again'] : []),
    `exit ${exitCode}${ended === undefined || exitCode === 0 || ended === 'failed' ? '' : `, ${ENDINGS[ended]}`}`,
    durationText(durationMs),
    ...(folder === '' ? [] : [`in ${oneLine(folder)}`]),
    ...(tests === undefined ? [] : [`${counted(tests.passed, 'test')} passed, ${tests.failed} failed`]),
    `log ${log.sha256.slice(0, 12)}…`,
  ]
  return `    ${sign} ${oneLine(command)} ${paint('dim', facts.join(', '))}`
}
