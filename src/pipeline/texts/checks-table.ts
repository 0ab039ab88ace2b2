import { type ComparedCheck, compareChecks, nothingNewlyFails } from '../../checks/compare-checks.ts'
import { isTestFile } from '../../checks/file-roles.ts'
import type { CheckResult } from '../../checks/run-checks.ts'
import type { Redact } from '../../redaction.ts'
import { durationText } from '../../text/amounts.ts'
import { codeSpan, fenced } from '../../text/fenced.ts'
import { forCode } from '../../text/hidden-characters.ts'
import type { ChangedFile } from '../collect/change-list.ts'

/** The checks before and after the change, as the host ran them; the output of what newly fails follows. */
export function checksTable({
  before,
  after,
  files,
}: {
  readonly before: readonly CheckResult[]
  readonly after: readonly CheckResult[]
  readonly files: readonly Pick<ChangedFile, 'path' | 'status'>[]
}): string {
  const checks = compareChecks(before, after)
  const tests = editedTests(files)
  if (checks.length === 0) {
    const none = 'No checks were run: none were found. `.github/backspace.yml` can name them (`checks:`).'
    return tests === '' ? none : `${none}\n\nTests that this change edits: ${tests}`
  }
  const rows = checks.map(
    (check) =>
      `| ${codeSpan(check.command)} | ${cell(check.before)} | ${cell(check.after)}${remark(check)} |`,
  )
  const outputs = checks.filter(({ verdict }) => verdict === 'newly_failing').slice(0, 3)
  return [
    [
      '| Check | Before | After |',
      '|---|---|---|',
      ...rows,
      ...(tests === '' ? [] : [`| Tests that this change edits | | ${tests} |`]),
    ].join('\n'),
    ...outputs.map(outputOf),
  ].join('\n\n')
}

/** What a check says is worth as much as the tests behind it: a reviewer looks at changed ones first. */
function editedTests(files: readonly Pick<ChangedFile, 'path' | 'status'>[]): string {
  const tests = files.filter(({ path, status }) => status !== 'added' && isTestFile(path))
  const shown = tests.slice(0, 8).map(({ path, status }) => `${codeSpan(path)} (${status})`)
  return [...shown, ...(tests.length > 8 ? [`${tests.length - 8} more`] : [])].join(', ')
}

/** `passed` is said of exit code 0 and of nothing else. */
function cell(result: CheckResult | undefined): string {
  if (result === undefined) return 'not run'
  const { exitCode, durationMs, failedFirst } = result
  if (failedFirst !== undefined) {
    return `⚠️ flaky: failed (exit code ${failedFirst}), then passed on the same files (exit code 0, ${durationText(durationMs)})`
  }
  if (exitCode === 0) return `✅ passed (exit code 0, ${durationText(durationMs)})`
  if (exitCode === 127) return '➖ not installed (exit code 127)'
  if (exitCode === 124) return `❌ timed out (exit code 124, ${durationText(durationMs)})`
  return `❌ failed (exit code ${exitCode}, ${durationText(durationMs)})`
}

function remark({ verdict }: ComparedCheck): string {
  switch (verdict) {
    case 'fixed':
      return ' **fixed**'
    case 'newly_failing':
      return ' **newly failing**'
    case 'still_failing':
      return ' failed before, too'
    case 'flaky':
    case 'passes':
    case 'unavailable':
    case 'not_run':
      return ''
  }
}

function outputOf({ command, after }: ComparedCheck): string {
  const tail = after?.tail || '(no output)'
  return `<details><summary>Output of <code>${escapeHtml(command)}</code></summary>\n\n${fenced(tail, 'text')}\n\n</details>`
}

function escapeHtml(text: string): string {
  const [line = ''] = forCode(text).split('\n')
  return line
    .slice(0, 120)
    .toWellFormed()
    .replace(/[&<>@#*_`[\]]/g, (char) => `&#${char.codePointAt(0)};`)
}

/** What stands on the commit itself, where reviewers and branch rules look. */
export interface CommitVerdict {
  readonly conclusion: 'success' | 'failure' | 'neutral'
  readonly title: string
  /** Markdown. */
  readonly summary: string
}

export interface VerdictFacts {
  readonly checksBefore: readonly CheckResult[]
  readonly checksAfter: readonly CheckResult[]
  readonly files: readonly Pick<ChangedFile, 'path' | 'status'>[]
  readonly draft: boolean
  readonly noModel: boolean
  readonly redact: Redact
}

/** Success is only what no draft says something against, and every check that ran ended with exit code 0. */
export function commitVerdict(facts: VerdictFacts): CommitVerdict {
  const { checksBefore: before, checksAfter: after, files, redact } = facts
  return { ...conclude(facts), summary: redact(checksTable({ before, after, files })) }
}

function conclude({
  checksBefore,
  checksAfter,
  draft,
  noModel,
}: VerdictFacts): Pick<CommitVerdict, 'conclusion' | 'title'> {
  if (!nothingNewlyFails(compareChecks(checksBefore, checksAfter))) {
    return { conclusion: 'failure', title: 'Checks newly fail' }
  }
  const passed = checksAfter.filter(({ exitCode }) => exitCode === 0).length
  const count = `${passed} of ${checksAfter.length} ${checksAfter.length === 1 ? 'check' : 'checks'} passed`
  const title = checksAfter.length === 0 ? 'No checks were run' : count
  if (noModel) return { conclusion: 'neutral', title: `No AI model was used. ${title}` }
  if (draft) return { conclusion: 'neutral', title: `A draft: the pull request says why. ${title}` }
  const allPassed = passed > 0 && passed === checksAfter.length
  return { conclusion: allPassed ? 'success' : 'neutral', title }
}
