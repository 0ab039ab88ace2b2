import type { CommitTexts } from '../../github/commit-texts.ts'
import type { TreeListing } from '../../github/commits.ts'
import type { RepositoryAccess } from '../../github/github-access.ts'
import { forModel } from '../../text/hidden-characters.ts'
import type { LargeFacts } from '../workspace/workspace.ts'

const MOST_NAMES = 20
const MOST_CHARACTERS = 120

/**
 * Describes submodules and files in Git LFS, which git keeps elsewhere, and whether the workspace has their contents.
 *
 * @returns lines for the agent.
 */
export async function keptApart(
  access: Pick<RepositoryAccess, 'octokit' | 'repository'>,
  {
    texts,
    baseTree,
    sha,
    large,
  }: {
    readonly texts: Pick<CommitTexts, 'read'>
    readonly baseTree: TreeListing
    readonly sha: string
    readonly large?: LargeFacts | undefined
  },
): Promise<readonly string[]> {
  const modules = baseTree.entries.filter(({ mode }) => mode === '160000').map(({ path }) => path)
  const hasAttributes = baseTree.entries.some(({ path }) => path === '.gitattributes')
  const attributes = hasAttributes
    ? await texts.read(access, { path: '.gitattributes', ref: sha })
    : undefined
  const patterns = patternsOfLfs(attributes ?? '')
  const lines = [
    modules.length === 0
      ? ''
      : `submodules: ${named(modules)}; those that everyone may read are in their folders here, the others are empty; nothing below them is published`,
    patterns.length === 0
      ? ''
      : `Git LFS: ${named(patterns)}; ${stateOf(large)}; what you write is stored in Git LFS`,
  ]
  return lines.filter((line) => line !== '')
}

function stateOf(large: LargeFacts | undefined): string {
  const { here, missing } = large ?? {}
  if (missing === undefined)
    return here === undefined ? 'there is no such file yet' : 'these files have their content here'
  return forModel(here === undefined ? 'these files are pointers here' : `here are ${here}, and ${missing}`)
}

function patternsOfLfs(attributes: string): readonly string[] {
  const lines = attributes.split('\n', 2000).map((line) => line.trim())
  return lines
    .filter((line) => !line.startsWith('#') && /\sfilter=lfs(?:\s|$)/.test(line))
    .map((line) => line.split(/\s/, 1)[0] ?? '')
}

function named(names: readonly string[]): string {
  const shown = names
    .slice(0, MOST_NAMES)
    .map((name) => forModel(name).replace(/\s+/g, ' ').slice(0, MOST_CHARACTERS))
  return names.length > MOST_NAMES
    ? `${shown.join(', ')} and ${names.length - MOST_NAMES} more`
    : shown.join(', ')
}
