import {
  areConclusive,
  type ComparedCheck,
  compareChecks,
  nothingNewlyFails,
} from '../../checks/compare-checks.ts'
import { isTestFile } from '../../checks/file-roles.ts'
import type { CheckResult } from '../../checks/run-checks.ts'
import { type Verdict, verdictOf } from '../../runs/summary/verdict.ts'
import { DEPENDS_ON_EDITS, type Verification, type VerifiedCheck } from '../../runs/verification.ts'
import type { Redact } from '../../secrets/redact.ts'
import { agentsText } from '../../text/agent-name.ts'
import { counted, durationText } from '../../text/amounts.ts'
import { checkEnding } from '../../text/check-ending.ts'
import { cutText } from '../../text/cut-text.ts'
import { forCode } from '../../text/hidden-characters.ts'
import { mapTexts } from '../../text/map-texts.ts'
import { codeSpan, commandSpan, fenced } from '../../text/markdown/fenced.ts'
import {
  joinSafe,
  maskSafe,
  NOTHING,
  ownWords,
  type SafeMarkdown,
  safeMarkdown,
} from '../../text/markdown/safe-markdown.ts'
import type { Pieces } from '../../time/pieces.ts'
import type { ChangedFile } from '../collect/change-list.ts'
import { proofList } from './verification-text.ts'

/** A table of the checks before and after the change, as the host ran them; below it, the outputs of newly failing ones. */
export function checksTable({
  before,
  after,
  files,
  judged = [],
  mostOutputs = 3,
}: {
  readonly before: readonly CheckResult[]
  readonly after: readonly CheckResult[]
  readonly files: readonly Pick<ChangedFile, 'path' | 'status'>[]
  /** Verdicts of a verification, which compares tests by name. Checks without one are judged by exit codes. */
  readonly judged?: readonly VerifiedCheck[] | undefined
  /** For how many newly failing checks the output is shown. */
  readonly mostOutputs?: number
}): SafeMarkdown {
  const checks = compareChecks(before, after).map((check): ShownCheck => {
    const found = judged.find(({ command }) => command === check.command)
    return { ...check, verdict: found?.steered ? 'steered' : (found?.verdict ?? check.verdict) }
  })
  const tests = editedTests(files)
  if (checks.length === 0) {
    const none = safeMarkdown`No checks were found, so none were run. Name them in \`.github/backspace.yml\` (\`checks:\`).`
    return tests === '' ? none : safeMarkdown`${none}\n\nExisting tests that this change edits: ${tests}`
  }
  const rows = checks.map(
    (check) =>
      safeMarkdown`| ${commandSpan(check.command)} | ${cell(check.before)} | ${cell(check.after)}${remark(check)} |`,
  )
  const testsRow =
    tests === '' ? NOTHING : safeMarkdown`| Existing tests that this change edits | | ${tests} |`
  const table = [safeMarkdown`| Check | Before | After |`, safeMarkdown`|---|---|---|`, ...rows, testsRow]
  const outputs = checks.filter(({ verdict }) => verdict === 'newly_failing').slice(0, mostOutputs)
  return joinSafe([joinSafe(table, '\n'), ...outputs.map(outputOf)], '\n\n')
}

/** The existing tests that a change edits. Reviewers should see them, since a check proves only as much as its tests. */
function editedTests(files: readonly Pick<ChangedFile, 'path' | 'status'>[]): SafeMarkdown {
  const tests = files.filter(({ path, status }) => status !== 'added' && isTestFile(path))
  const shown = tests
    .slice(0, 8)
    .map(({ path, status }) => safeMarkdown`${codeSpan(path)} (${ownWords(status)})`)
  const more = tests.length > 8 ? safeMarkdown`${tests.length - 8} more` : NOTHING
  return joinSafe([...shown, more], ', ')
}

/** A cell of the table; only exit code 0 is `passed`. */
function cell(result: CheckResult | undefined): SafeMarkdown {
  return ownWords(cellText(result))
}

function cellText(result: CheckResult | undefined): string {
  if (result === undefined) return 'not run'
  const { exitCode, durationMs, failedFirst, tests } = result
  const facts = `(exit code ${exitCode}, ${durationText(durationMs)})`
  switch (checkEnding(result)) {
    case 'flaky':
      return `⚠️ flaky: failed (exit code ${failedFirst}), then passed on the same files ${facts}`
    case 'passed':
      return `✅ ${tests ? `${counted(tests.passed, 'test')} passed` : 'passed'} ${facts}`
    case 'failed':
      return `❌ ${tests && tests.failed > 0 ? `${tests.failed} of ${counted(tests.passed + tests.failed, 'test')} failed` : 'failed'} ${facts}`
    case 'cannot_run':
      return `➖ could not run (exit code ${exitCode})`
    case 'did_not_end':
      return `⏱️ did not end ${facts}`
    case 'not_started':
      return '➖ not started'
  }
}

interface ShownCheck extends Omit<ComparedCheck, 'verdict'> {
  readonly verdict: ComparedCheck['verdict'] | VerifiedCheck['verdict'] | 'steered'
}

function remark({ verdict }: ShownCheck): SafeMarkdown {
  switch (verdict) {
    case 'steered':
      return safeMarkdown` **${ownWords(DEPENDS_ON_EDITS)}**`
    case 'fixed':
      return safeMarkdown` **fixed**`
    case 'newly_failing':
      return safeMarkdown` **newly failing**`
    case 'still_failing':
      return safeMarkdown` failed before this change as well`
    case 'cannot_tell':
      return safeMarkdown` failed before this change as well, **cannot tell**`
    case 'no_proof':
      return safeMarkdown` **proves nothing**`
    case 'flaky':
    case 'passes':
    case 'not_run':
      return NOTHING
  }
}

function outputOf({ command, after }: ShownCheck): SafeMarkdown {
  const tail = after?.tail || '(no output)'
  return safeMarkdown`<details><summary>Output of <code>${inHtml(command)}</code></summary>\n\n${fenced(tail, 'text')}\n\n</details>`
}

function inHtml(text: string): SafeMarkdown {
  const [line = ''] = forCode(text).split('\n')
  const escaped = line
    .slice(0, 120)
    .toWellFormed()
    .replace(/[&<>@#*_`[\]]/g, (char) => `&#${char.codePointAt(0)};`)
  return ownWords(escaped)
}

/** The check run on the commit, which reviewers and branch rules read. */
export interface CommitVerdict {
  readonly conclusion: 'success' | 'failure' | 'neutral'
  readonly title: string
  readonly summary: SafeMarkdown
}

export interface VerdictFacts {
  readonly checksBefore: readonly CheckResult[]
  readonly checksAfter: readonly CheckResult[]
  /** Undefined when verification is off. */
  readonly verification?: Verification | undefined
  readonly files: readonly Pick<ChangedFile, 'path' | 'status'>[]
  readonly draft: boolean
  readonly noModel: boolean
  /** The agents that worked, in order. Default: they are not named. */
  readonly agents?: readonly string[] | undefined
  /** `owner/name` */
  readonly repository: string
  readonly redact: Redact
}

/** The verdict on a commit. `success` means that it is not a draft and that every check passed. */
export function* commitVerdict(facts: VerdictFacts): Pieces<CommitVerdict> {
  const { checksBefore: before, checksAfter: after, files, repository, redact } = facts
  // Masked before commands are cut, and once more as a whole.
  const shown = yield* mapTexts({ before, after, verification: facts.verification }, redact.inPieces)
  const { verification } = shown
  const judged = verification?.checks
  const table = checksTable({ before: shown.before, after: shown.after, files, judged })
  const proof = verification ? proofList(verification, { repository }) : NOTHING
  const agents = ownWords(agentsText(facts.agents ?? []))
  const madeBy = agents === '' ? NOTHING : safeMarkdown`<sub>Made by: ${agents}</sub>`
  const summary = joinSafe([table, proof, madeBy], '\n\n')
  return { ...conclude({ ...facts, verification }), summary: yield* maskSafe(summary, redact) }
}

function conclude({
  checksBefore,
  checksAfter,
  verification,
  draft,
  noModel,
}: VerdictFacts): Pick<CommitVerdict, 'conclusion' | 'title'> {
  if (verification) return concludeVerified(verdictOf(verification), { draft, noModel })
  if (!nothingNewlyFails(compareChecks(checksBefore, checksAfter))) {
    return { conclusion: 'failure', title: 'Checks newly fail' }
  }
  const passed = checksAfter.filter(({ exitCode }) => exitCode === 0).length
  const count = `${passed} of ${checksAfter.length} ${checksAfter.length === 1 ? 'check' : 'checks'} passed`
  const title = checksAfter.length === 0 ? 'No checks were run' : count
  if (noModel) return { conclusion: 'neutral', title: `No AI model was used. ${title}` }
  if (draft) return { conclusion: 'neutral', title: `Draft: the pull request says why. ${title}` }
  if (!areConclusive(compareChecks(checksBefore, checksAfter))) return { conclusion: 'neutral', title }
  const allPassed = passed > 0 && passed === checksAfter.length
  return { conclusion: allPassed ? 'success' : 'neutral', title }
}

/** Characters of the title; GitHub shows at most 255, as plain text. */
const MAX_TITLE = 250

function concludeVerified(
  { tone, line }: Verdict,
  { draft, noModel }: Pick<VerdictFacts, 'draft' | 'noModel'>,
): Pick<CommitVerdict, 'conclusion' | 'title'> {
  const prefix = noModel ? 'No AI model was used. ' : draft && tone !== 'bad' ? 'Draft. ' : ''
  const title = cutText(`${prefix}${line.replaceAll('`', '')}`, MAX_TITLE)
  if (tone === 'bad') return { conclusion: 'failure', title }
  return { conclusion: tone === 'good' && !draft && !noModel ? 'success' : 'neutral', title }
}
