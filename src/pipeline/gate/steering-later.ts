import { foldedSegments, steeringGroup } from './protection.ts'
import type { Steering } from './steering.ts'

/** Texts and pictures, which an agent may read as instructions but which nothing runs. */
const PROSE = /\.(?:md|mdc|mdx|markdown|txt|rst|png|jpe?g|gif|svg|webp)$/
/** Settings of bots whose pull requests a person merges. Bots that merge on their own are not listed. */
const UPDATES =
  /^(?:renovate(?:-config|\.config)?\.\w+|\.renovaterc(?:\.\w+)?|dependabot\.ya?ml|release-please-config\.json|\.release-please-(?:config|manifest)\.json|\.releaserc(?:\.\w+)?|release\.config\.\w+|\.release-it(?:\.\w+)?|\.?release-plz\.toml|\.?goreleaser[\w.-]*\.ya?ml|\.all-contributorsrc|\.versionrc(?:\.\w+)?|\.bumpversion\.\w+|crowdin\.ya?ml)$/
const DATA = /\.(?:json|csv)$/
/** Settings of bots that label issues and pull requests, read from the default branch. */
const OF_ISSUES = /^(?:stale|lock|no-response|labeler)\.ya?ml$/
/** Harmless files of unknown tools: texts, pictures, examples, word lists of spellers, JSON schemas. A `.txt` may list packages. */
const UNKNOWN_PROSE =
  /\.(?:md|markdown|rst|adoc|png|jpe?g|gif|svg|webp|log|example|sample)$|\.schema\.json$|^(?:dictionary|wordlist|spelling)[\w-]*\.txt$/

/** True if the file makes the pull request a draft. Other steering files are only mentioned. */
export function needsDraft({ path, isPlain }: Steering): boolean {
  return isPlain !== true && !actsOnceMerged(path)
}

/**
 * True for a file that steers nothing before a person merges it or opens the branch: instructions for coding agents in
 * words, settings of bots that read the default branch, data beside workflows. False for everything that CI, hosts, hooks
 * or reviews obey at once.
 */
export function actsOnceMerged(path: string): boolean {
  const segments = foldedSegments(path)
  const name = segments.at(-1) ?? ''
  switch (steeringGroup(path)) {
    case 'agent':
      return PROSE.test(name)
    case 'bot':
      return UPDATES.test(name) || (name === 'config.json' && segments.at(-2) === '.changeset')
    case 'github':
      return PROSE.test(name) || DATA.test(name) || OF_ISSUES.test(name)
    // The Serverless Framework reads this name beside a manifest only; elsewhere it is a source.
    case 'deploy':
      return /^serverless\.[jt]s$/.test(name) && /^(?:src|lib|files|dist)$/.test(segments.at(-2) ?? '')
    // GitHub reads CODEOWNERS from the base branch.
    case 'review':
      return name === 'codeowners'
    // Other repositories use these hooks by a pinned release.
    case 'git':
      return /^\.pre-commit-hooks\.ya?ml$/.test(name)
    case 'other':
      return UNKNOWN_PROSE.test(name)
    default:
      return false
  }
}
