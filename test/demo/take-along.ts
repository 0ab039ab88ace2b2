import { execFile } from 'node:child_process'
import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { askAtTerminal } from '../../src/commands/terminal/clone/choose-target.ts'
import { commitFiles } from '../../src/commands/terminal/clone/local-changes.ts'
import type { DemoOptions } from './demo-options.ts'

/**
 * Whether the demo works on files that are not committed: as the options say, else as the person says.
 *
 * @throws {Error} that says what to write where no one can be asked.
 */
export async function decideOnChanges({
  repo,
  uncommitted,
  localChanges,
}: DemoOptions): Promise<'take' | 'ignore' | 'stop'> {
  if (uncommitted === 0) return 'ignore'
  if (localChanges) return localChanges
  const has = `${repo} has ${uncommitted === 1 ? '1 uncommitted file' : `${uncommitted} uncommitted files`}.`
  const { stdin: input, stdout: output } = process
  if (!input.isTTY || !output.isTTY) {
    throw new Error(
      `${has} Add --with-local-changes to take them along, or --ignore-local-changes to work on the last commit.`,
    )
  }
  for (;;) {
    const answer = await askAtTerminal(`\n  ${has} Take them along? [yes/no/stop] `, { input, output })
    const word = answer.trim().toLowerCase()
    if (word !== '' && 'yes'.startsWith(word)) return 'take'
    if (word !== '' && 'no'.startsWith(word)) return 'ignore'
    if (word !== '' && 'stop'.startsWith(word)) return 'stop'
  }
}

/** A copy of a repository in which all files are committed that git does not ignore. The repository stays as it is. */
export async function copyWithChanges(repo: string, directory: string): Promise<string> {
  const copy = join(directory, 'with-changes.git')
  const git = async (...args: readonly string[]) => (await promisify(execFile)('git', args)).stdout.trim()
  await git('clone', '--quiet', '--bare', '--no-hardlinks', repo, copy)
  const exclude = await git('-C', repo, 'rev-parse', '--path-format=absolute', '--git-path', 'info/exclude')
  // Not every repository has this file.
  await copyFile(exclude, join(copy, 'info/exclude')).catch(() => undefined)
  const commit = await commitFiles(repo, 'HEAD', { GIT_DIR: copy, GIT_WORK_TREE: repo })
  await git('-C', copy, 'update-ref', 'HEAD', commit)
  return copy
}
