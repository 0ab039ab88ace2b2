import type { SaidLine } from './ci/said-lines.ts'

/** Files of tests that the list of a project has at any depth. */
const LISTED =
  /(?:_(?:spec|test)\.(?:rb|py|dart|exs)|[._](?:test|spec)\.[cm]?[jt]sx?|Test\.php)$|(?:^|\/)test_[\w-]+\.py$/
const PATH = /^(?:\.\/)?((?:[\w.-]+\/)+[\w.-]+\.\w{1,4})(?::\d+)?$/

/**
 * A run that tests nothing here: all specs where there are none, which passes, or a file that is not there. Texts for people
 * show both, for folders below and for repositories of others.
 */
export function isEmptyRun(
  { ecosystem, folder, words }: Pick<SaidLine, 'ecosystem' | 'folder' | 'words'>,
  files: ReadonlySet<string>,
): boolean {
  const start = folder === '' ? '' : `${folder}/`
  const named = words.slice(1).flatMap((word) => PATH.exec(word)?.[1] ?? [])
  if (named.some((path) => LISTED.test(path) && !files.has(`${start}${path}`))) return true
  if (ecosystem !== 'Ruby' || words.at(-1) !== 'rspec') return false
  return !files.has(`${start}.rspec`) && ![...files].some((file) => file.startsWith(`${start}spec/`))
}
