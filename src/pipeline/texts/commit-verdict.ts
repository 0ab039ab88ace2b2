import { compareChecks, nothingNewlyFails } from '../../checks/compare-checks.ts'
import type { CheckResult } from '../../checks/run-command.ts'
import type { Redact } from '../../redaction.ts'
import type { ChangedFile } from '../changes/change-list.ts'
import { checksTable } from './checks-table.ts'

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
