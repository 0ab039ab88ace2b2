import { counted } from '../text/amounts.ts'
import { inlineCode } from '../text/markdown/fenced.ts'
import { createPathGlob } from '../text/path-glob.ts'
import { findOnGitHub } from './github-call.ts'
import type { GitHubClient } from './github-client.ts'
import { fullName, inRepository, type RepoRef } from './repo-ref.ts'

/** Rules about files that no push may bring into a repository, on whatever branch. */
export interface PushRules {
  /** Patterns of paths, as `createPathGlob` reads them. */
  readonly paths: readonly string[]
  /** Endings of file names in lower case, with the dot: `.exe`. */
  readonly extensions: readonly string[]
  /** The most characters that a path may have. */
  readonly pathLength?: number | undefined
  /** The most megabytes that a file may have. */
  readonly megabytes?: number | undefined
}

/** GitHub does not say whether it means 1,000,000 bytes or 1,048,576, so the smaller one counts. */
const MEGABYTE = 1_000_000
const MOST_RULESETS = 20
const MOST_PATTERNS = 200

/**
 * The push rulesets of the repository and its owner that apply to this credential. Needs `metadata: read`. GitHub has
 * push rulesets only for private and internal repositories.
 * https://docs.github.com/rest/repos/rules#get-all-repository-rulesets
 *
 * @returns undefined if nothing is restricted.
 */
export async function readPushRules(
  octokit: GitHubClient,
  repository: RepoRef,
): Promise<PushRules | undefined> {
  const name = fullName(repository)
  const listed = await findOnGitHub(
    `list the push rulesets of ${name}`,
    octokit.rest.repos.getRepoRulesets({ ...inRepository(repository), targets: 'push', per_page: 100 }),
  )
  const active = (listed?.data ?? []).filter(
    ({ target, enforcement }) => target === 'push' && enforcement === 'active',
  )
  const found = await Promise.all(
    active
      .slice(0, MOST_RULESETS)
      .map(({ id }) =>
        findOnGitHub(
          `read ruleset ${id} of ${name}`,
          octokit.rest.repos.getRepoRuleset({ ...inRepository(repository), ruleset_id: id }),
        ),
      ),
  )
  const held = found.flatMap((one) => {
    const may: string | undefined = one?.data.current_user_can_bypass
    return one === undefined || may === 'always' || may === 'exempt' ? [] : (one.data.rules ?? [])
  })
  return held.length === 0 ? undefined : joined(held)
}

interface FoundRule {
  readonly type: string
  readonly parameters?: unknown
}

function joined(rules: readonly FoundRule[]): PushRules {
  const of = (type: string, name: string) =>
    rules
      .filter((rule) => rule.type === type)
      .map(({ parameters }) => (parameters as Record<string, unknown> | undefined)?.[name])
  const texts = (type: string, name: string) =>
    of(type, name)
      .flat()
      .filter((text): text is string => typeof text === 'string' && text !== '')
      .slice(0, MOST_PATTERNS)
  const least = (type: string, name: string) => {
    const numbers = of(type, name).filter((one): one is number => typeof one === 'number')
    return numbers.length === 0 ? undefined : Math.min(...numbers)
  }
  return {
    paths: texts('file_path_restriction', 'restricted_file_paths').map((path) => path.replace(/^\/+/, '')),
    extensions: texts('file_extension_restriction', 'restricted_file_extensions').map(
      (text) => `.${text.toLowerCase().replace(/^[*.]+/, '')}`,
    ),
    pathLength: least('max_file_path_length', 'max_file_path_length'),
    megabytes: least('max_file_size', 'max_file_size'),
  }
}

interface PushedFile {
  /** Each path that the change touches. A rename touches two. */
  readonly paths: readonly string[]
  /** Size of the content; 0 for a removed file, and for a file in Git LFS. */
  readonly bytes: number
}

/**
 * Why GitHub would refuse a push with this file, as the end of a sentence that starts with the file's path; undefined
 * if it would not.
 */
export function pushProblem({ paths, bytes }: PushedFile, rules: PushRules): string | undefined {
  const { pathLength = Infinity, megabytes = Infinity } = rules
  const pattern = rules.paths.find((one) => paths.some(createPathGlob(one)))
  if (pattern !== undefined) return `may not be pushed here: a ruleset protects ${inlineCode(pattern, 120)}`
  const extension = rules.extensions.find((end) => paths.some((path) => path.toLowerCase().endsWith(end)))
  if (extension !== undefined)
    return `may not be pushed here: a ruleset refuses files that end in ${inlineCode(extension, 40)}`
  if (paths.some((path) => [...path].length > pathLength))
    return `may not be pushed here: a ruleset refuses paths of more than ${counted(pathLength, 'character')}`
  return bytes > megabytes * MEGABYTE
    ? `may not be pushed here: a ruleset refuses files of more than ${megabytes} MB`
    : undefined
}

const MOST_NAMED = 20

/** What cannot be pushed, one clause for each rule: `files that end in .exe`. */
export function pushRulesText({ paths, extensions, pathLength, megabytes }: PushRules): readonly string[] {
  const named = (texts: readonly string[]) =>
    texts
      .slice(0, MOST_NAMED)
      .map((text) => inlineCode(text, 120))
      .join(', ')
  return [
    ...(paths.length === 0 ? [] : [`what matches ${named(paths)}`]),
    ...(extensions.length === 0 ? [] : [`files that end in ${named(extensions)}`]),
    ...(pathLength === undefined ? [] : [`paths of more than ${counted(pathLength, 'character')}`]),
    ...(megabytes === undefined ? [] : [`files of more than ${megabytes} MB`]),
  ]
}
