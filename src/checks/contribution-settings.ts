import { isBranchPrefix } from '../text/branch-prefix.ts'
import type { ReportMistake } from './environment/settings-mistakes.ts'

/** Keys of `.github/backspace.yml` about what Backspace contributes. */
export const CONTRIBUTION_KEYS = ['branch-prefix', 'ai-policy'] as const

/** Reads `branch-prefix`, the start of the names of new branches. */
export function readBranchPrefix(value: unknown, report: ReportMistake): string | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value === 'string' && isBranchPrefix(value)) return value
  report(
    ['branch-prefix'],
    '`branch-prefix` must be the start of a branch name, such as `bots/`. It was ignored.',
  )
  return undefined
}

/**
 * Reads `ai-policy`. `ignore` means that the maintainers want runs, whatever their contributor guides say about AI. There is
 * no other value: without the key, those guides count.
 */
export function readAiPolicy(value: unknown, report: ReportMistake): 'ignore' | undefined {
  if (value === undefined || value === null || value === 'ignore') return value ?? undefined
  report(['ai-policy'], '`ai-policy` can only be `ignore`. It was ignored.')
  return undefined
}
