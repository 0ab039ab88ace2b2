import { foldedSegments, steeringGroup } from './protection.ts'
import type { Steering } from './steering.ts'

/** Texts and pictures: an agent reads them as instructions, and nothing runs them. */
const PROSE = /\.(?:md|mdc|mdx|markdown|txt|rst|png|jpe?g|gif|svg|webp)$/
/** They open and publish what a person merges; bots that merge by themselves are not among them. */
const UPDATES =
  /^(?:renovate(?:-config|\.config)?\.\w+|\.renovaterc(?:\.\w+)?|dependabot\.ya?ml|release-please-config\.json|\.release-please-(?:config|manifest)\.json|\.releaserc(?:\.\w+)?|release\.config\.\w+|\.release-it(?:\.\w+)?|\.?release-plz\.toml|\.?goreleaser[\w.-]*\.ya?ml|\.all-contributorsrc|\.versionrc(?:\.\w+)?|\.bumpversion\.\w+|crowdin\.ya?ml)$/
const DATA = /\.(?:json|csv)$/
/** Bots that look at issues and label changes, by what the default branch says. */
const OF_ISSUES = /^(?:stale|lock|no-response|labeler)\.ya?ml$/
/** Of a tool that no list knows: texts and pictures, words that a speller knows, what an editor offers while one types. A list of packages has the ending of a text. */
const UNKNOWN_PROSE =
  /\.(?:md|markdown|rst|adoc|png|jpe?g|gif|svg|webp|log)$|\.schema\.json$|^(?:dictionary|wordlist|spelling)[\w-]*\.txt$/

/** True for what needs a draft; everything else that steers is named without one. */
export function needsDraft({ path, isPlain }: Steering): boolean {
  return isPlain !== true && !actsOnceMerged(path)
}

/**
 * True for a file that steers nothing before a person has merged it, or has opened the branch: instructions for coding agents in words,
 * settings of bots that read them on the default branch, data beside workflows. Everything that CI, hosts, hooks or reviews
 * obey at once is none.
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
    // The base branch says who must approve.
    case 'review':
      return name === 'codeowners'
    // Hooks that other repositories pin by a release.
    case 'git':
      return /^\.pre-commit-hooks\.ya?ml$/.test(name)
    case 'other':
      return UNKNOWN_PROSE.test(name)
    default:
      return false
  }
}
